/** nginx's ACME module: the `state_path` of an issuer, or the folder that holds several. */
import { join } from "node:path";

import { directoryUrlOf } from "./directory-url";
import { filesEndingIn, inDirectory, readKey, readPair, readText, subdirectories } from "./files";
import type { Found, FoundAccount, FoundCertificate, Reader, Report } from "./found";

export const nginxAcme: Reader = async (directory, report, { directoryUrl } = {}) => {
  const folders = [directory];
  for (const name of await subdirectories(directory, report)) folders.push(join(directory, name));
  const found = [];
  for (const folder of folders) found.push(await issuerIn(folder, directoryUrl, report));
  return {
    accounts: found.flatMap(({ accounts }) => accounts),
    certificates: found.flatMap(({ certificates }) => certificates),
  };
};

async function issuerIn(
  folder: string,
  directoryUrl: string | undefined,
  report: Report,
): Promise<Found> {
  const account = await accountIn(folder, directoryUrl, report);
  const certificates: FoundCertificate[] = [];
  const at = inDirectory(folder);
  for (const name of await filesEndingIn(".crt", folder, report)) {
    const paths = { fullchain: at(`${name}.crt`), privateKey: at(`${name}.key`) };
    const pair = await readPair(paths, report);
    if (pair === undefined) continue;
    if (account === undefined) {
      report(`${paths.fullchain}: there is no account for it; left out`);
      continue;
    }
    const { dnsNames, ipAddresses } = pair.leaf;
    certificates.push({
      name: [...dnsNames, ...ipAddresses][0] ?? name,
      ...pair,
      account,
      solvers: [
        {
          solver: { http01: { stateless: true } },
          remark:
            "nginx answered by itself. Here it has one permanent location: an NginxSite has it, and docs/nginx.md shows it for a configuration of your own.",
        },
      ],
    });
  }
  return { accounts: account === undefined ? [] : [account], certificates };
}

async function accountIn(
  folder: string,
  given: string | undefined,
  report: Report,
): Promise<FoundAccount | undefined> {
  const path = join(folder, "account.key");
  const key = await readText(path, report);
  if (key === undefined) return undefined;
  const accountKeyPem = readKey(key, path, report);
  const accountUrl = (await readText(join(folder, "account.url"), report))?.trim() ?? "";
  const directoryUrl = given ?? directoryUrlOf(accountUrl, report);
  if (accountKeyPem === undefined || directoryUrl === undefined) return undefined;
  return { directoryUrl, accountKeyPem, contact: [] };
}
