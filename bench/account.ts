/** Accounts at the test CA, registered outside of what is measured. */
import type * as acmeModule from "../sdk/acme";
import type * as fetchModule from "../sdk/http/fetch";
import type { AccountReference } from "../sdk/issuance/arguments";
import type * as keysModule from "../sdk/x509/keys";
import { built } from "./built-package";

const acme = built("acme/index.js") as typeof acmeModule;
const { createFetch } = built("http/fetch.js") as typeof fetchModule;
const { generatePrivateKey } = built("x509/keys.js") as typeof keysModule;

/** As test/support has it, but by the built package. */
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
