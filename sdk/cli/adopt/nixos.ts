/** NixOS' `security.acme`: `/var/lib/acme`. */
import { stat } from "node:fs/promises";
import { join } from "node:path";

import { optionalString } from "../../util/json";
import { accountFor, accountsIn } from "./account-folder";
import { filesEndingIn, inDirectory, readObject, readPair, subdirectories } from "./files";
import type { FoundCertificate, FoundDeployment, Reader, Report } from "./found";
import { usualSolver } from "./fallback-solver";

const FILES = [
  ["fullchain.pem", "fullchain"],
  ["cert.pem", "certificate"],
  ["chain.pem", "issuer"],
  ["key.pem", "privateKey"],
  ["full.pem", "bundle"],
] as const;

export const nixos: Reader = async (directory, report, { directoryUrl } = {}) => {
  const stored = join(directory, ".lego");
  const accounts = [];
  for (const hash of await subdirectories(join(stored, "accounts"), report)) {
    accounts.push(...(await accountsIn(join(stored, "accounts", hash), directoryUrl, report)));
  }
  const certificates: FoundCertificate[] = [];
  for (const name of await subdirectories(directory, report)) {
    if (name.startsWith(".")) continue;
    const folder = join(directory, name);
    const certificateUrl = await orderedFrom(join(stored, name), report);
    if (certificateUrl === undefined) {
      // Until the first order, NixOS has a self-signed certificate there.
      report(`${folder}: no CA has issued it yet; left out`);
      continue;
    }
    const at = inDirectory(folder);
    const paths = { fullchain: at("fullchain.pem"), privateKey: at("key.pem") };
    const pair = await readPair(paths, report);
    if (pair === undefined) continue;
    const account = accountFor(certificateUrl, accounts);
    if (account === undefined) {
      report(`${folder}: there is no account for it; left out`);
      continue;
    }
    const webroot = { webroot: { path: "/var/lib/acme/acme-challenge" } };
    const solvers = [
      usualSolver(pair.leaf, "NixOS' configuration says how names were proven", webroot),
    ];
    const deployment = await deploymentIn(folder);
    certificates.push({ name, ...pair, account, solvers, deployment });
  }
  return { accounts, certificates };
};

/** The URL in the newest of lego's files: one folder for each set of options. */
async function orderedFrom(folder: string, report: Report): Promise<string | undefined> {
  for (const hash of await subdirectories(folder, report)) {
    for (const name of await filesEndingIn(".json", join(folder, hash), report)) {
      const resource = await readObject(join(folder, hash, `${name}.json`), report);
      const url = optionalString(resource ?? {}, "certUrl");
      if (url !== undefined) return url;
    }
  }
  return undefined;
}

/** The same files, with the owner, group and mode that services have read them with. */
async function deploymentIn(folder: string): Promise<FoundDeployment> {
  const files = await Promise.all(
    FILES.map(async ([name, content]) => {
      const path = join(folder, name);
      const facts = await stat(path).catch(() => undefined);
      if (facts === undefined) return undefined;
      return {
        path,
        content,
        mode: `0${(facts.mode & 0o777).toString(8).padStart(3, "0")}`,
        owner: String(facts.uid),
        group: String(facts.gid),
      };
    }),
  );
  return {
    files: files.filter((file) => file !== undefined),
    remark: "reload: what security.acme.certs.<name>.reloadServices and postRun say.",
  };
}
