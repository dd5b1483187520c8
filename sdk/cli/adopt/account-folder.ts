/** The folder `accounts/` of lego, which NixOS has, too. */
import { join } from "node:path";

import { asObject, optionalString, strings } from "../../util/json";
import { directoryUrlOf } from "./directory-url";
import { readKey, readObject, readText, subdirectories } from "./files";
import type { FoundAccount, Report } from "./found";

/** `<host>_<port>/<account>/account.json`, and the key beside it (lego 5) or in `keys/` (lego 4). */
export async function accountsIn(
  folder: string,
  directoryUrl: string | undefined,
  report: Report,
): Promise<FoundAccount[]> {
  const found: FoundAccount[] = [];
  for (const server of await subdirectories(folder, report)) {
    for (const name of await subdirectories(join(folder, server), report)) {
      const account = await accountAt(join(folder, server, name), name, directoryUrl, report);
      if (account !== undefined) found.push(account);
    }
  }
  return found;
}

async function accountAt(
  path: string,
  name: string,
  given: string | undefined,
  report: Report,
): Promise<FoundAccount | undefined> {
  const stored = await readObject(join(path, "account.json"), report);
  const registration = asObject(stored?.["registration"]);
  if (stored === undefined || registration === undefined) {
    report(`${path}: holds no account that is registered; left out`);
    return undefined;
  }
  const keyFile = `${name}.key`;
  const key =
    (await readText(join(path, keyFile), report)) ??
    (await readText(join(path, "keys", keyFile), report));
  if (key === undefined) {
    report(`${path}: there is no ${keyFile}; the account is left out`);
    return undefined;
  }
  const accountKeyPem = readKey(key, join(path, keyFile), report);
  const accountUrl =
    optionalString(registration, "uri") ?? optionalString(registration, "accountURL") ?? "";
  const directoryUrl =
    given ?? optionalString(stored, "server") ?? directoryUrlOf(accountUrl, report);
  if (accountKeyPem === undefined || directoryUrl === undefined) return undefined;
  const contact = strings(asObject(registration["body"]) ?? registration, "contact");
  return { directoryUrl, accountKeyPem, contact };
}

/** The account that placed an order: the one at the host of the certificate's URL, else the first one. */
export function accountFor(
  certificateUrl: string | undefined,
  accounts: readonly FoundAccount[],
): FoundAccount | undefined {
  const host = URL.canParse(certificateUrl ?? "") ? new URL(certificateUrl ?? "").host : undefined;
  return accounts.find(({ directoryUrl }) => new URL(directoryUrl).host === host) ?? accounts[0];
}
