/**
 * Issuing for an `AcmeCertificate`: which key, which account, resumed from where, and what is kept when it fails. Layer 5.
 *
 * Loaded by `create` and `update` only: everything below it is heavy.
 */
import { createHash } from "node:crypto";

import { getDirectory } from "../acme";
import type { AcmeIdentifier } from "../acme";
import { checkHttp01 } from "../challenges/http01";
import type { Proof } from "../challenges/solver";
import type { AccountReference, CertificateArguments } from "../issuance/arguments";
import { buildSolver } from "../issuance/build-solver";
import { credentialsFor, serverFor } from "../issuance/clients";
import { keyMaterial } from "../issuance/key-material";
import type { KeyMaterial } from "../issuance/key-material";
import { obtain } from "../issuance/obtain";
import type { Obtained, ObtainContext } from "../issuance/obtain";
import { renewalInfoId } from "../issuance/renewal-info";
import { withDeadline } from "../util/abort";
import { durationMs } from "../util/duration";
import { ConfigurationError, messageOf } from "../util/errors";
import { failure, refuseTooEarly } from "./certificate-failure";
import { isIssued } from "./certificate-state";
import type { CertificateState, Pending } from "./certificate-state";
import type { Reporter } from "./progress";

export interface Issued {
  readonly obtained: Obtained;
  readonly account: AccountReference;
  /** Absent with a CSR. */
  readonly privateKeyPem?: string;
}

/**
 * Issues what `news` asks for.
 *
 * @throws {@link IssuanceFailure} for everything that went wrong; the old certificate is untouched.
 */
export async function issue(
  state: CertificateState,
  news: CertificateArguments,
  reporter: Reporter,
  interrupted: AbortSignal,
): Promise<Issued> {
  const request = hashOf(news);
  const former = state.pending?.request === request ? state.pending : undefined;
  refuseTooEarly(former);
  let pending: Pending = former ?? {
    request,
    directoryUrl: news.account.directoryUrl,
    accountUrl: news.account.accountUrl,
  };
  try {
    const material = await keyMaterial(news, {
      ...(former?.privateKeyPem === undefined ? {} : { pending: former.privateKeyPem }),
      ...(state.privateKeyPem === undefined ? {} : { current: state.privateKeyPem }),
    });
    const errors: unknown[] = [];
    const accounts = [news.account, ...(news.fallbackAccounts ?? [])];
    for (const account of accounts) {
      pending = pendingAt(account, pending, news, material);
      try {
        const obtained = await issueFrom(
          account,
          state,
          news,
          material,
          pending,
          reporter,
          interrupted,
          (reached) => {
            pending = { ...pending, ...reached };
          },
        );
        return {
          obtained,
          account,
          ...(material.privateKeyPem === undefined
            ? {}
            : { privateKeyPem: material.privateKeyPem }),
        };
      } catch (error) {
        errors.push(error);
        if (account === accounts.at(-1) || interrupted.aborted || !isTheCas(error)) break;
        reporter.warn(`${messageOf(error)}: goes on with the next account`);
      }
    }
    throw errors.length === 1 ? errors[0] : new AggregateError(errors);
  } catch (error) {
    throw failure(error, pending, news);
  }
}

/** What this run keeps for `account`: an order belongs to one account at one CA, the key to the request. */
function pendingAt(
  account: AccountReference,
  pending: Pending,
  news: CertificateArguments,
  material: KeyMaterial,
): Pending {
  const sameAccount =
    pending.directoryUrl === account.directoryUrl && pending.accountUrl === account.accountUrl;
  return {
    request: pending.request,
    directoryUrl: account.directoryUrl,
    accountUrl: account.accountUrl,
    // A key that the user brought is in the inputs already.
    ...(news.privateKeyPem === undefined && material.privateKeyPem !== undefined
      ? { privateKeyPem: material.privateKeyPem }
      : {}),
    ...(sameAccount && pending.orderUrl !== undefined ? { orderUrl: pending.orderUrl } : {}),
  };
}

async function issueFrom(
  account: AccountReference,
  state: CertificateState,
  news: CertificateArguments,
  material: KeyMaterial,
  pending: Pending,
  reporter: Reporter,
  interrupted: AbortSignal,
  reached: ObtainContext["reached"],
): Promise<Obtained> {
  const server = serverFor(account);
  const credentials = await credentialsFor(account);
  const profile = await profileFor(news, account, reporter, interrupted);
  const replaces = replacedBy(state, account);
  const timeout = durationMs(news.timeout ?? "10m");
  return withDeadline(
    `acme: issuing for ${describe(material.identifiers)}`,
    timeout,
    interrupted,
    (signal) =>
      obtain(
        server,
        credentials,
        {
          identifiers: material.identifiers,
          solvers: news.solvers ?? [],
          certificateRequest: material.certificateRequest,
          publicKeySha256: material.publicKeySha256,
          ...(profile === undefined ? {} : { profile }),
          ...(replaces === undefined ? {} : { replaces }),
          ...(news.notBefore === undefined ? {} : { notBefore: news.notBefore }),
          ...(news.notAfter === undefined ? {} : { notAfter: news.notAfter }),
          ...(news.preferredChain === undefined ? {} : { preferredChain: news.preferredChain }),
        },
        pending.orderUrl === undefined ? undefined : { orderUrl: pending.orderUrl },
        contextOf(news, reporter, signal, reached),
      ),
  );
}

/** The surroundings of an issuance: who carries out solvers, who looks before the CA does, where words go. */
export function contextOf(
  news: CertificateArguments,
  reporter: Reporter,
  signal: AbortSignal,
  reached: ObtainContext["reached"],
): ObtainContext {
  const { preflight = true } = news;
  const base = { signal, progress: reporter.progress, warn: reporter.warn };
  return {
    ...base,
    now: Date.now,
    reached,
    solverOf: buildSolver,
    preflight: async (proofs: readonly Proof[]) => {
      if (preflight === false) return;
      const settings = preflight === true ? {} : preflight;
      await checkHttp01(
        proofs.filter(({ type }) => type === "http-01"),
        { ...settings, ...base },
      );
    },
  };
}

/** The profile to ask for; one that the CA does not offer is dropped unless it is required (profiles draft §4). */
async function profileFor(
  news: CertificateArguments,
  account: AccountReference,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (news.profile === undefined) return undefined;
  const { meta } = await getDirectory(serverFor(account), { signal });
  if (Object.hasOwn(meta.profiles, news.profile)) return news.profile;
  const offered = Object.keys(meta.profiles).join(", ");
  const message = `profile: ${account.directoryUrl} does not offer "${news.profile}"; it offers ${offered === "" ? "none" : offered}`;
  if (news.profileRequired === true) throw new ConfigurationError(message);
  reporter.warn(`${message}: issues without a profile`);
  return undefined;
}

/** RFC 9773 §5: only the account that issued the old certificate may say that it is replaced. */
function replacedBy(state: CertificateState, account: AccountReference): string | undefined {
  if (!isIssued(state) || state.issuedBy !== account.accountUrl) return undefined;
  return renewalInfoId(state.certificatePem);
}

/** Whether another CA may do better. */
function isTheCas(error: unknown): boolean {
  return !(error instanceof ConfigurationError);
}

/** What makes an unfinished order useless when it changes. Solvers may change: that is how a failed one is mended. */
function hashOf(news: CertificateArguments): string {
  const {
    dnsNames,
    ipAddresses,
    keyType,
    privateKeyPem,
    certificateRequestPem,
    commonName,
    mustStaple,
  } = news;
  const { profile, notBefore, notAfter, triggers } = news;
  const content = {
    dnsNames,
    ipAddresses,
    keyType,
    privateKeyPem,
    certificateRequestPem,
    commonName,
    mustStaple,
  };
  return createHash("sha256")
    .update(JSON.stringify({ ...content, profile, notBefore, notAfter, triggers }))
    .digest("base64url");
}

function describe(identifiers: readonly AcmeIdentifier[]): string {
  const [first] = identifiers;
  const others = identifiers.length - 1;
  return `${first?.value ?? "nothing"}${others > 0 ? ` and ${String(others)} more` : ""}`;
}
