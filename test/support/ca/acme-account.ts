/** An account at a test CA, made by our own client: what certificates refer to. */
import { loadAccountKey, newAccount } from "../../../sdk/acme";
import type { AccountReference } from "../../../sdk/issuance/arguments";
import { clientFor } from "../../../sdk/issuance/clients";
import { generatePrivateKey } from "../../../sdk/x509/keys";

export async function registerAccount(ca: {
  readonly directoryUrl: string;
  readonly caBundlePem: string;
}): Promise<AccountReference> {
  const { directoryUrl, caBundlePem } = ca;
  const accountKeyPem = await generatePrivateKey("P256");
  const { account } = await newAccount(
    clientFor({ directoryUrl, caBundlePem }),
    await loadAccountKey(accountKeyPem),
    { termsOfServiceAgreed: true },
  );
  return { directoryUrl, accountUrl: account.url, accountKeyPem, caBundlePem };
}
