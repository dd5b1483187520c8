/** What is done with certificates: create, update, read, revoke. Loads everything heavy. */
import { X509Certificate } from "node:crypto";

import { revokeCertificate } from "../../acme";
import { adoptCertificate } from "../../issuance/adopt";
import { type CertificateArguments, REVOCATION_REASONS } from "../../issuance/arguments";
import { clientFor, credentialsFor } from "../../issuance/clients";
import { downloadChain } from "../../issuance/download";
import { renewalMargin } from "../../issuance/renewal";
import { renewalInfoId } from "../../issuance/renewal-info";
import { messageOf } from "../../util/errors";
import { describeCertificate } from "../../x509/certificate";
import { PartialFailure } from "../engine/handler";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";
import { sameData } from "../engine/wire";
import { renewAt, validityOf } from "../renewal/due";
import { issueOrFail, renewOrWarn } from "../renewal/failure";
import { askRenewalInfo, mayAskAgain } from "../renewal/renewal-info";
import { withAdvice, withoutTakenBack } from "../renewal/state";
import { storedCertificateArguments } from "./arguments";
import type { CertificateDecision } from "./decide";
import { obtainByAccounts } from "./issue";
import {
  type CertificateState,
  isIssued,
  issuedState,
  type IssuedState,
  issuerOf,
  type Results,
  validityIn,
} from "./state";

export async function create(
  args: CertificateArguments,
  reporter: Reporter,
): Promise<CertificateState> {
  const adopted = adoptCertificate(args, Date.now());
  if (adopted !== undefined && "leaf" in adopted) {
    return withPkcs12(await stateOf(adopted, args, args.account), args);
  }
  if (adopted !== undefined) reporter.warn(`existing: ${adopted.refused}; a certificate is issued`);
  return issueOrFail({}, () => issue({}, args, reporter));
}

export async function update(
  state: CertificateState,
  args: CertificateArguments,
  { action }: CertificateDecision,
  reporter: Reporter,
): Promise<CertificateState> {
  if (action === "issue" || !isIssued(state)) {
    return issueOrFail(state, () => issue(state, args, reporter));
  }
  switch (action) {
    case "renew":
      return renewOrWarn<CertificateState>(state, validityIn(state), args, reporter, () =>
        issue(state, args, reporter),
      );
    case "switchChain":
      return withSettings(await switchChain(state, args, reporter), args);
    case "settings":
    case "none":
      return withSettings(withoutTakenBack(state), args);
  }
}

/** Polls ARI again when the CA's own interval has passed; otherwise no request is sent. */
export async function read(state: CertificateState, reporter: Reporter): Promise<CertificateState> {
  if (!isIssued(state) || state.__arguments.useRenewalInfo === false) return state;
  // Where there is none, the CA had none, or did not answer when it issued.
  const { askAgainAt } = state.__state ?? {};
  if (!mayAskAgain(state.renewalInfo, askAgainAt, state.notAfter, Date.now())) return state;
  reporter.progress("asks the CA when to renew");
  const { __arguments: args, fullchainPem } = state;
  const advice = await askRenewalInfo(issuerOf(state, args), renewalInfoId(fullchainPem));
  const __state = withAdvice(state.__state, advice);
  const { renewalInfo } = advice;
  if (renewalInfo === undefined) return { ...state, __state };
  const { fingerprintSha256 } = describeCertificate(fullchainPem);
  const at = renewAt({ ...validityIn(state), fingerprintSha256 }, args, renewalInfo);
  return { ...state, __state, renewalInfo, renewAt: at };
}

/** @throws when the CA does not answer, unless the certificate has expired: then there is nothing to revoke. */
async function revoke(state: CertificateState, reporter: Reporter): Promise<void> {
  if (!isIssued(state) || Date.now() > Date.parse(state.notAfter)) return;
  const { revocationReason } = state.__arguments;
  const account = issuerOf(state, state.__arguments);
  reporter.progress("revokes the certificate");
  const { raw } = new X509Certificate(state.fullchainPem);
  const reason = revocationReason === undefined ? undefined : REVOCATION_REASONS[revocationReason];
  try {
    await interruptible(async (signal) =>
      revokeCertificate(clientFor(account), await credentialsFor(account), raw, reason, { signal }),
    );
  } catch (error) {
    const remedy =
      "nothing was destroyed; try again, or set revokeOnDestroy to false and run `pulumi up` first";
    throw new Error(
      `acme: revoking ${state.dnsNames.join(", ")}: ${messageOf(error)} (${remedy})`,
      { cause: error },
    );
  }
}

export { revoke as delete };

/** Issues, and gives the new state. */
async function issue(
  state: CertificateState,
  args: CertificateArguments,
  reporter: Reporter,
): Promise<CertificateState> {
  const { obtained, account, privateKeyPem } = await interruptible((signal) =>
    obtainByAccounts(state, args, reporter, signal),
  );
  const { chain, certificateUrl, profile } = obtained;
  const { accountUrl: issuedBy } = account;
  const results = { ...chain, privateKeyPem, certificateUrl, profile, issuedBy };
  const issued = await stateOf(results, args, account, isIssued(state));
  const validity = validityIn(issued);
  const { warning } = renewalMargin(validityOf(validity), args.renewBefore);
  if (warning !== undefined) reporter.warn(warning);
  if (validity.issuedAt !== undefined) reporter.warn(dueAtOnce(issued));
  try {
    return await withPkcs12(issued, args);
  } catch (error) {
    // Kept as if no PKCS#12 had been asked for: then the next run makes it, and does not order anew.
    throw new PartialFailure(
      `the certificate is issued, but its pkcs12 could not be made: ${messageOf(error)}`,
      { ...issued, __arguments: { ...issued.__arguments, pkcs12Password: undefined } },
      { cause: error },
    );
  }
}

async function stateOf(
  results: Results,
  args: CertificateArguments,
  issuer: CertificateArguments["account"],
  isRenewal = false,
): Promise<IssuedState> {
  const advice =
    args.useRenewalInfo === false
      ? {}
      : await askRenewalInfo(issuer, renewalInfoId(results.fullchainPem));
  return issuedState(results, args, advice, { isRenewal, now: Date.now() });
}

function dueAtOnce({ notBefore, notAfter, renewAt: at }: IssuedState): string {
  return `the certificate says that it is valid from ${notBefore} to ${notAfter}, and would be due for renewal at once and in every run: it is renewed after ${at}`;
}

/** The settings of `args` for the certificate that is there. */
async function withSettings(
  state: IssuedState,
  args: CertificateArguments,
): Promise<CertificateState> {
  const { __arguments: former, fullchainPem, renewalInfo } = state;
  const stored = storedCertificateArguments(args);
  // The order of the arguments in the state is the one that led to the certificate: another has not yet.
  const isOther = args.order !== undefined && args.order.orderUrl !== former.order?.orderUrl;
  const { fingerprintSha256 } = describeCertificate(fullchainPem);
  const changed = {
    ...state,
    __arguments: isOther ? { ...stored, order: former.order } : stored,
    renewAt: renewAt({ ...validityIn(state), fingerprintSha256 }, args, renewalInfo),
  };
  const samePkcs12 =
    sameData(former.pkcs12Password, stored.pkcs12Password) &&
    sameData(former.preferredChain, stored.preferredChain);
  return samePkcs12 ? changed : withPkcs12(changed, args);
}

/** PKCS#12 is made once per certificate and password: its bytes differ each time. */
async function withPkcs12(
  state: CertificateState,
  { pkcs12Password: password }: CertificateArguments,
): Promise<CertificateState> {
  const { fullchainPem, privateKeyPem } = state;
  if (password === undefined || fullchainPem === undefined || privateKeyPem === undefined) {
    return { ...state, pkcs12: undefined };
  }
  const { createPkcs12 } = await import("../../x509/pkcs12.js");
  const der = await createPkcs12({ fullchainPem, privateKeyPem, password });
  return { ...state, pkcs12: Buffer.from(der).toString("base64") };
}

/**
 * Downloads the chain that `args` prefer; no order.
 *
 * @see RFC 8555 §7.4.2, Downloading the Certificate
 */
async function switchChain(
  state: IssuedState,
  args: CertificateArguments,
  { warn }: Reporter,
): Promise<IssuedState> {
  const { certificateUrl } = state;
  if (certificateUrl === undefined) {
    warn("preferredChain: an adopted certificate keeps its chain until it is renewed");
    return state;
  }
  const issuer = issuerOf(state, args);
  const client = clientFor(issuer);
  const credentials = await credentialsFor(issuer);
  const { publicKeySha256 } = describeCertificate(state.fullchainPem);
  const identifiers = [
    ...state.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...state.ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const wanted = { identifiers, publicKeySha256, preferredChain: args.preferredChain };
  const { fullchainPem } = await interruptible((signal) =>
    downloadChain(client, credentials, certificateUrl, wanted, { signal, now: Date.now, warn }),
  );
  return { ...state, fullchainPem };
}
