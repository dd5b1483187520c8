/** The accounts of a certificate: who may issue it, and who did. Pure. */
import type { AccountReference, CertificateArguments } from "../../issuance/arguments";
import type { IssuedState } from "./state";

/** The accounts that may issue, in their order. */
export function accountsOf(
  news: Pick<CertificateArguments, "account" | "fallbackAccounts">,
): readonly AccountReference[] {
  return [news.account, ...(news.fallbackAccounts ?? [])];
}

/** The account that issued the certificate, which may be a fallback; where it is not known any more, its successor. */
export function issuerOf(state: IssuedState, news: CertificateArguments): AccountReference {
  const known = [...accountsOf(news), ...accountsOf(state.__arguments)];
  return known.find(({ accountUrl }) => accountUrl === state.issuedBy) ?? news.account;
}
