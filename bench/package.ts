/** The built package, which is what is measured: `dist/`, not the sources. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as acmeModule from "../sdk/acme";
import type * as fetchModule from "../sdk/http/fetch";
import type { AccountReference } from "../sdk/issuance/arguments";
import type * as keysModule from "../sdk/x509/keys";

const load = createRequire(__filename);

/** The repository's folder, wherever this file was compiled to. */
export const repository = dirname(load.resolve("pulumi-acme/package.json"));

/** A file of `dist/`; the caller knows its type from the source of the same name. */
export function built(path: string): unknown {
  return load(join(repository, "dist", path));
}

const acme = built("acme/index.js") as typeof acmeModule;
const { createFetch } = built("http/fetch.js") as typeof fetchModule;
const { generatePrivateKey } = built("x509/keys.js") as typeof keysModule;

/** A new account at the test CA, registered outside of what is measured. */
export async function registerAccount(ca: {
  readonly directoryUrl: string;
  readonly caBundlePem: string;
}): Promise<AccountReference> {
  const { directoryUrl, caBundlePem } = ca;
  const accountKeyPem = await generatePrivateKey("P256");
  const key = await acme.loadAccountKey(accountKeyPem);
  const fetch = createFetch({ caBundlePem });
  try {
    const client = acme.createAcmeClient({ directoryUrl, userAgent: "bench", fetch });
    const { account } = await acme.newAccount(client, key, { termsOfServiceAgreed: true });
    return { directoryUrl, accountUrl: account.url, accountKeyPem, caBundlePem };
  } finally {
    await fetch.close();
  }
}
