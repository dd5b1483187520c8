/** acme.sh: `~/.acme.sh`. */
import { join } from "node:path";

import type { CertificateFacts } from "../../x509/certificate";
import { acmeShSolvers } from "./acme-sh-solvers";
import { inDirectory, readKey, readPair, readText, subdirectories } from "./files";
import type { FoundAccount, FoundCertificate, FoundDeployment, Reader, Report } from "./found";
import { readVariables, type ShellVariables } from "./shell-variables";

export const acmeSh: Reader = async (directory, report) => {
  const accounts = new Map<string, FoundAccount>();
  const certificates: FoundCertificate[] = [];
  const common = readVariables((await readText(join(directory, "account.conf"), report)) ?? "");
  for (const folder of await subdirectories(directory, report)) {
    const name = folder.replace(/_ecc$/, "");
    const at = inDirectory(join(directory, folder));
    const text = await readText(at(`${name}.conf`), report);
    if (text === undefined) continue;
    const variables = readVariables(text);
    const account = await accountOf(variables, directory, accounts, report);
    if (account === undefined) {
      report(`${at(`${name}.conf`)}: there is no account for it; left out`);
      continue;
    }
    const paths = {
      fullchain: at("fullchain.cer"),
      issuer: at("ca.cer"),
      privateKey: at(`${name}.key`),
    };
    const pair = await readPair(paths, report);
    if (pair === undefined) continue;
    certificates.push({
      name,
      ...pair,
      account,
      solvers: await acmeShSolvers(
        { variables, common, dnsNames: pair.leaf.dnsNames },
        (problem) => {
          report(`${at(`${name}.conf`)}: ${problem}`);
        },
      ),
      settings: settingsOf(variables, pair.leaf),
      deployment: deploymentOf(variables),
    });
  }
  return { accounts: [...accounts.values()], certificates };
};

/** `ca/<host of the directory, without port>/<its path>/account.key`. */
async function accountOf(
  variables: ShellVariables,
  directory: string,
  accounts: Map<string, FoundAccount>,
  report: Report,
): Promise<FoundAccount | undefined> {
  const directoryUrl = variables.get("Le_API") ?? "";
  if (!URL.canParse(directoryUrl)) return undefined;
  const known = accounts.get(directoryUrl);
  if (known !== undefined) return known;
  const { hostname, pathname } = new URL(directoryUrl);
  const folder = join(directory, "ca", hostname, pathname);
  const path = join(folder, "account.key");
  const key = await readText(path, report);
  const accountKeyPem = key === undefined ? undefined : readKey(key, path, report);
  if (accountKeyPem === undefined) return undefined;
  const settings = readVariables((await readText(join(folder, "ca.conf"), report)) ?? "");
  const email = settings.get("CA_EMAIL");
  const contact = email === undefined ? [] : [`mailto:${email}`];
  const account = { directoryUrl, accountKeyPem, contact };
  accounts.set(directoryUrl, account);
  return account;
}

function settingsOf(
  variables: ShellVariables,
  leaf: CertificateFacts,
): FoundCertificate["settings"] {
  return {
    profile: variables.get("Le_Certificate_Profile"),
    preferredChain: variables.get("Le_Preferred_Chain"),
    renewBefore: renewBefore(Number(variables.get("Le_RenewalDays")), leaf),
  };
}

/** acme.sh counts days since the issuance. */
function renewBefore(days: number, { notBefore, notAfter }: CertificateFacts): string | undefined {
  const lifetime = (notAfter.getTime() - notBefore.getTime()) / 86_400_000;
  return days > 0 && days < lifetime ? `${String(Math.round(lifetime - days))}d` : undefined;
}

/** What `--install-cert` was told. */
function deploymentOf(variables: ShellVariables): FoundDeployment | undefined {
  const files = [
    ["Le_RealCertPath", "certificate"],
    ["Le_RealCACertPath", "issuer"],
    ["Le_RealFullChainPath", "fullchain"],
    ["Le_RealKeyPath", "privateKey"],
  ].flatMap(([variable = "", content = ""]) => {
    const path = variables.get(variable);
    return path === undefined ? [] : [{ path, content }];
  });
  if (files.length === 0) return undefined;
  return {
    files,
    reload: variables.get("Le_ReloadCmd"),
    remark: "acme.sh must not renew it any more: acme.sh --remove, or its line in the crontab.",
  };
}
