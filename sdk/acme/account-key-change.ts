/** Another key for the same account. */
import { getAccount, type AccountCredentials } from "./account";
import { AcmeProtocolError, AcmeUnsupportedError } from "./errors";
import { signKeyChange } from "./jws";
import type { AccountKey } from "./keys";
import { AcmeProblemError, withContext } from "./problems";
import { postToEndpoint } from "./request";
import { isAmbiguous } from "./retry";
import type { AcmeRequestOptions, AcmeClient } from "./client";

/**
 * Replaces the account's key, and checks with the new one that the CA did it: an answer of 200 alone proves nothing
 * (Pebble gives it where the new key belongs to another account, and changes nothing).
 *
 * Key authorizations made with the old key are worth nothing afterwards.
 *
 * @throws {@link AcmeUnsupportedError} where the CA cannot do it; {@link AcmeProblemError} with status 409 and
 * `location` where the new key belongs to another account; what went wrong otherwise, and then the old key still is
 * the account's, unless the message says that neither key could be verified
 * @see RFC 8555 §7.3.5, Account Key Rollover
 */
export async function changeAccountKey(
  client: AcmeClient,
  credentials: AccountCredentials,
  newKey: AccountKey,
  options: AcmeRequestOptions = {},
): Promise<void> {
  const { accountUrl } = credentials;
  const what = `key change of account ${accountUrl}`;
  let lost: Error | undefined;
  try {
    await postToEndpoint(
      client,
      "keyChange",
      {
        what,
        signer: credentials,
        // A second one would be signed with a key that the first may have replaced.
        repetition: "when-refused",
        payload: (url) =>
          signKeyChange(newKey, url, { account: accountUrl, oldKey: credentials.key.publicJwk }),
      },
      options,
    );
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isAmbiguous(error)) throw explained(client, what, error);
    lost = error instanceof Error ? error : new Error(String(error));
  }
  await verify(client, what, credentials, newKey, lost, options);
}

/** @param lost - what happened instead of an answer */
async function verify(
  client: AcmeClient,
  what: string,
  credentials: AccountCredentials,
  newKey: AccountKey,
  lost: Error | undefined,
  options: AcmeRequestOptions,
): Promise<void> {
  const { accountUrl } = credentials;
  try {
    await getAccount(client, { accountUrl, key: newKey }, options);
    return;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isAmbiguous(error)) throw error;
  }
  try {
    await getAccount(client, credentials, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new AcmeProtocolError(
      `acme: ${what}: the CA accepts neither the new key nor the old one (${error instanceof Error ? error.message : String(error)})`,
      accountUrl,
    );
  }
  if (lost !== undefined) throw lost;
  throw new AcmeProtocolError(
    `acme: ${what}: the CA answered that it was done, but the old key is still the account's; does the new key belong to another account?`,
    accountUrl,
  );
}

function explained(client: AcmeClient, what: string, error: unknown): unknown {
  if (!(error instanceof AcmeProblemError)) return error;
  // The smallstep engine lists keyChange and cannot do it; its problem type says something else.
  if (error.status === 501) {
    return new AcmeUnsupportedError(
      `acme: ${what}: ${client.directoryUrl} does not support key rollover`,
      client.directoryUrl,
    );
  }
  // RFC 8555 §7.3.5: "If there is an existing account with the new key provided, then the server SHOULD use status
  // code 409 (Conflict) and provide the URL of that account in the Location header field."
  if (error.status !== 409) return error;
  const owner = error.location === undefined ? "another account" : `account ${error.location}`;
  return withContext(what, error, { hint: `the new key belongs to ${owner}` });
}
