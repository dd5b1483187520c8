/** What an account's outputs say, from what the CA said. Loads the client. */
import {
  type Account,
  type AcmeClient,
  type DirectoryMeta,
  getDirectory,
  loadAccountKey,
} from "../../acme";
import { singleLine } from "../../util/text";
import { keyTypeOf } from "../../x509/keys";
import { storedArguments } from "../engine/rules";
import { type AccountArguments, RULES } from "./arguments";
import { wantedKeyType } from "./decide";
import { prepareNextKey } from "./next-key";
import type { AccountState } from "./state";

/** @param account - absent: it is not known whether the CA has registered it */
export async function accountResults(
  client: AcmeClient,
  account: Account | undefined,
  accountKeyPem: string,
  args: AccountArguments,
): Promise<AccountState> {
  const { meta } = await getDirectory(client);
  return {
    accountUrl: account?.url,
    ...(await keyResults(accountKeyPem)),
    // RFC 8555 §7.1.2 requires it, and some CAs leave it out.
    status: account === undefined ? "unregistered" : (account.status ?? "valid"),
    contact: args.contact ?? account?.contact ?? [],
    directoryUrl: args.directoryUrl,
    caBundlePem: args.caBundlePem,
    ...directoryResults(meta),
    __arguments: storedArguments(RULES, args),
    __state: await prepareNextKey(wantedKeyType(args)),
  };
}

/** The key, and what follows from it. */
export async function keyResults(
  accountKeyPem: string,
): Promise<Pick<AccountState, "accountKeyPem" | "thumbprint" | "keyType">> {
  const { thumbprint } = await loadAccountKey(accountKeyPem);
  return { accountKeyPem, thumbprint, keyType: keyTypeOf(accountKeyPem) };
}

/** What the CA says of itself, as it may be shown. */
export function directoryResults(
  meta: DirectoryMeta,
): Pick<AccountState, "termsOfServiceUrl" | "caaIdentities" | "profiles"> {
  const { termsOfService, caaIdentities, profiles } = meta;
  return {
    termsOfServiceUrl: termsOfService && singleLine(termsOfService),
    caaIdentities: caaIdentities.map((name) => singleLine(name)),
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([name, text]) => [singleLine(name), singleLine(text)]),
    ),
  };
}
