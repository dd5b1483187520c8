/** What is done with certificates: create, update, read, revoke. Loads everything heavy. */
import { X509Certificate } from "node:crypto";

import { revokeCertificate } from "../../acme";
import { adoptCertificate } from "../../issuance/adopt";
import {
  type AccountReference,
  type CertificateArguments,
  REVOCATION_REASONS,
} from "../../issuance/arguments";
import { credentialsFor, clientFor } from "../../issuance/clients";
import { nextAttempt, renewalMargin, toleratedUntil } from "../../issuance/renewal";
import { fetchRenewalInfo, renewalInfoId } from "../../issuance/renewal-info";
import { withDeadline } from "../../util/abort";
import { describeSpan, instant } from "../../util/duration";
import { messageOf } from "../../util/errors";
import { issuerOf } from "./accounts";
import { decide } from "./decide";
import { IssuanceFailure } from "./failure";
import { issue } from "./issue";
import { switchChain } from "./switch-chain";
import { issuedState, renewAt, withPkcs12 } from "./results";
import { type CertificateState, isIssued, type IssuedState, validityOf } from "./state";
import { PartialFailure, type Properties } from "../engine/handler";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";
import { sameData } from "../engine/wire";

const RENEWAL_INFO_TIMEOUT_MS = 10_000;

export async function create(news: CertificateArguments, reporter: Reporter): Promise<Properties> {
  const adopted = adoptCertificate(news, Date.now());
  if (adopted !== undefined && "leaf" in adopted) {
    const info = await renewalInfo(news.account, adopted.leafPem, news);
    return asProperties(await withPkcs12(issuedState(adopted, news, info), news));
  }
  if (adopted !== undefined) reporter.warn(`existing: ${adopted.refused}; a certificate is issued`);
  return issueOrFail({}, news, reporter);
}

export async function update(
  state: CertificateState,
  news: CertificateArguments,
  reporter: Reporter,
): Promise<Properties> {
  const decision = decide(state, news, Date.now());
  switch (decision.action) {
    case "issue":
      return issueOrFail(state, news, reporter);
    case "renew":
      return renew(state as IssuedState, news, reporter);
    case "rechain":
      return asProperties(
        await adjust(await switchChain(state as IssuedState, news, reporter), news),
      );
    case "adjust":
    case "none":
      return asProperties(await adjust(withoutTakenBack(state as IssuedState), news));
  }
}

/** Polls ARI again when the CA's own interval has passed; otherwise no request is sent. */
export async function read(state: CertificateState, reporter: Reporter): Promise<Properties> {
  if (!isIssued(state) || state.__arguments.useRenewalInfo === false) return asProperties(state);
  const former = state.renewalInfo;
  // Where there is none, the CA had none, or did not answer when it issued.
  if (former !== undefined && Date.now() < Date.parse(former.nextCheckAt))
    return asProperties(state);
  // RFC 9773 §4.3: polling stops when the certificate has expired.
  if (Date.now() > Date.parse(state.notAfter)) return asProperties(state);
  reporter.progress("asks the CA when to renew");
  const issuer = issuerOf(state, state.__arguments);
  const info = await renewalInfo(issuer, state.certificatePem, state.__arguments);
  if (info === undefined) return asProperties(state);
  return asProperties({
    ...state,
    renewalInfo: info,
    renewAt: renewAt(state, state.__arguments, info),
  });
}

/** @throws when the CA does not answer, unless the certificate has expired: then there is nothing to revoke. */
export async function revoke(state: CertificateState, reporter: Reporter): Promise<void> {
  if (!isIssued(state) || Date.now() > Date.parse(state.notAfter)) return;
  const { revocationReason } = state.__arguments;
  const account = issuerOf(state, state.__arguments);
  reporter.progress("revokes the certificate");
  const { raw } = new X509Certificate(state.certificatePem);
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

/** A first issue, or what the user asked for: a failure is one, and what was reached is kept. */
async function issueOrFail(
  state: CertificateState,
  news: CertificateArguments,
  reporter: Reporter,
): Promise<Properties> {
  try {
    return await issueAndKeep(state, news, reporter);
  } catch (error) {
    if (!(error instanceof IssuanceFailure)) throw error;
    throw new PartialFailure(error.message, asProperties({ ...state, pending: error.pending }), {
      cause: error,
    });
  }
}

/** A renewal may fail while enough validity is left: a warning, and a later run tries again. */
async function renew(
  state: IssuedState,
  news: CertificateArguments,
  reporter: Reporter,
): Promise<Properties> {
  try {
    return await issueAndKeep(state, news, reporter);
  } catch (error) {
    if (!(error instanceof IssuanceFailure)) throw error;
    const now = Date.now();
    const failures = (state.lastFailure?.failures ?? 0) + 1;
    const lastFailure = {
      at: instant(now),
      message: error.message,
      nextAttemptAt: instant(nextAttempt(now, failures, error.retryAt)),
      failures,
    };
    const kept = asProperties({ ...state, pending: error.pending, lastFailure });
    const validity = validityOf(state);
    const left = validity.notAfter - now;
    if (left <= toleratedUntil(validity, news.renewBefore, news.toleratesFailureUntil)) {
      throw new PartialFailure(`${error.message} (${describeSpan(left)} of validity left)`, kept, {
        cause: error,
      });
    }
    reporter.warn(
      `the renewal failed, and is tried again after ${lastFailure.nextAttemptAt}; ${describeSpan(left)} of validity left: ${error.message}`,
    );
    return kept;
  }
}

async function issueAndKeep(
  state: CertificateState,
  news: CertificateArguments,
  reporter: Reporter,
): Promise<Properties> {
  const { obtained, account, privateKeyPem } = await interruptible((signal) =>
    issue(state, news, reporter, signal),
  );
  const { chain, certificateUrl, profile } = obtained;
  const info = await renewalInfo(account, chain.leafPem, news);
  const results = {
    ...chain,
    privateKeyPem,
    certificateUrl,
    profile,
    issuedBy: account.accountUrl,
  };
  const issued = issuedState(results, news, info);
  warnOfMargin(issued, news, reporter);
  try {
    return asProperties(await withPkcs12(issued, news));
  } catch (error) {
    // Kept as if no PKCS#12 had been asked for: then the next run makes it, and does not order anew.
    const kept = { ...issued, __arguments: { ...news, pkcs12Password: undefined } };
    throw new PartialFailure(
      `the certificate is issued, but its pkcs12 could not be made: ${messageOf(error)}`,
      asProperties(kept),
      { cause: error },
    );
  }
}

function warnOfMargin(issued: IssuedState, news: CertificateArguments, reporter: Reporter): void {
  const { warning } = renewalMargin(validityOf(issued), news.renewBefore);
  if (warning !== undefined) reporter.warn(warning);
}

async function renewalInfo(
  account: AccountReference,
  certificatePem: string,
  news: CertificateArguments,
) {
  if (news.useRenewalInfo === false) return undefined;
  return interruptible((interrupted) =>
    withDeadline("renewal information", RENEWAL_INFO_TIMEOUT_MS, interrupted, (signal) =>
      fetchRenewalInfo(clientFor(account), renewalInfoId(certificatePem), signal),
    ),
  ).catch(() => undefined);
}

/** An update that failed and is not wanted any more leaves nothing behind; a renewal that failed goes on later. */
function withoutTakenBack(state: IssuedState): IssuedState {
  return state.lastFailure === undefined ? { ...state, pending: undefined } : state;
}

/** The settings of `news` for the certificate that is there. */
async function adjust(state: IssuedState, news: CertificateArguments): Promise<CertificateState> {
  const { order } = state.__arguments;
  // The order of the arguments in the state is the one that led to the certificate: another has not yet.
  const isOther = news.order !== undefined && news.order.orderUrl !== order?.orderUrl;
  const adjusted = {
    ...state,
    __arguments: isOther ? { ...news, order } : news,
    renewAt: renewAt(state, news, state.renewalInfo),
  };
  const samePkcs12 =
    sameData(state.__arguments.pkcs12Password, news.pkcs12Password) &&
    sameData(state.__arguments.preferredChain, news.preferredChain);
  return samePkcs12 ? adjusted : withPkcs12(adjusted, news);
}

function asProperties(state: CertificateState): Properties {
  return { ...state };
}
