/** lego 4 and 5: the folder given by `--path`, `.lego`. */
import { join } from "node:path";

import { optionalString } from "../../util/json";
import { accountFor, accountsIn } from "./account-folder";
import { filesEndingIn, inDirectory, readObject, readPair } from "./files";
import { usualSolver } from "./fallback-solver";
import type { FoundCertificate, Reader } from "./found";

export const lego: Reader = async (directory, report, { directoryUrl } = {}) => {
  const accounts = await accountsIn(join(directory, "accounts"), directoryUrl, report);
  const certificates: FoundCertificate[] = [];
  const folder = join(directory, "certificates");
  const at = inDirectory(folder);
  for (const name of await filesEndingIn(".json", folder, report)) {
    const resource = (await readObject(at(`${name}.json`), report)) ?? {};
    const pair = await readPair(
      {
        fullchain: at(`${name}.crt`),
        issuer: at(`${name}.issuer.crt`),
        privateKey: at(`${name}.key`),
      },
      report,
    );
    if (pair === undefined) continue;
    const account = accountFor(optionalString(resource, "certUrl"), accounts);
    if (account === undefined) {
      report(`${at(name)}: there is no account for it; left out`);
      continue;
    }
    const solvers = [usualSolver(pair.leaf, "lego does not store how names were proven")];
    certificates.push({
      name: optionalString(resource, "domain") ?? name,
      ...pair,
      account,
      solvers,
    });
  }
  return { accounts, certificates };
};
