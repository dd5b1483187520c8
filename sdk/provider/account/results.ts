/** What an account's outputs say, from what the CA said. Loads the client. */
import {
  type Account,
  type AcmeServer,
  type DirectoryMeta,
  getDirectory,
  loadAccountKey,
} from "../../acme";
import { keyTypeOf } from "../../x509/keys";
import { type AccountArguments, keptArguments } from "./arguments";
import type { AccountState } from "./state";

export interface AccountKeys {
  readonly accountKeyPem: string;
  readonly nextAccountKeyPem: string;
}

/** @param account - absent: nobody knows whether the CA has registered it */
export async function accountResults(
  client: AcmeServer,
  account: Account | undefined,
  keys: AccountKeys,
  news: AccountArguments,
): Promise<AccountState> {
  const { meta } = await getDirectory(client);
  return {
    __arguments: keptArguments(news),
    accountUrl: account?.url,
    ...(await keyResults(keys.accountKeyPem)),
    nextAccountKeyPem: keys.nextAccountKeyPem,
    // RFC 8555 §7.1.2 requires it, and some CAs leave it out.
    status: account === undefined ? "unregistered" : (account.status ?? "valid"),
    contact: news.contact ?? account?.contact ?? [],
    directoryUrl: news.directoryUrl,
    caBundlePem: news.caBundlePem,
    ...directoryResults(meta),
  };
}

/** The key, and what follows from it. */
export async function keyResults(
  accountKeyPem: string,
): Promise<Pick<AccountState, "accountKeyPem" | "thumbprint" | "keyType">> {
  const { thumbprint } = await loadAccountKey(accountKeyPem);
  return { accountKeyPem, thumbprint, keyType: keyTypeOf(accountKeyPem) };
}

/** What the CA says of itself. */
export function directoryResults(
  meta: DirectoryMeta,
): Pick<AccountState, "termsOfServiceUrl" | "caaIdentities" | "profiles"> {
  const { termsOfService, caaIdentities, profiles } = meta;
  return { termsOfServiceUrl: termsOfService, caaIdentities, profiles };
}
