/** Account key rollover. */
import { getAccount, type AccountCredentials } from "./account";
import { AcmeProtocolError, AcmeUnsupportedError } from "./errors";
import { signKeyChange } from "./jws";
import type { AccountKey } from "./keys";
import { AcmeProblemError, withContext } from "./problems";
import { postToEndpoint } from "./request";
import { isAmbiguous } from "./retry";
import type { AcmeRequestOptions, AcmeClient } from "./client";

/**
 * Replaces the account's key, and verifies that with the new key: the answer 200 alone does not prove it (Pebble sends
 * it also where the new key belongs to another account, and changes nothing).
 *
 * Key authorizations made with the old key are invalid afterwards.
 *
 * @throws {@link AcmeUnsupportedError} if the CA does not support it; {@link AcmeProblemError} with status 409 and
 * `location` if the new key belongs to another account; any other failure. The account then still has the old key,
 * unless the message says that neither key could be verified
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
        // A repetition would be signed with a key that the first request may have replaced.
        repetition: "when-refused",
        payload: (url) =>
          signKeyChange(newKey, url, { account: accountUrl, oldKey: credentials.key.publicJwk }),
      },
      options,
    );
  } catch (error) {
    options.signal?.throwIfAborted();
    // The new key is this account's already: a change before this one was done.
    if (isConflict(error) && isSameUrl(error.location, accountUrl)) return;
    if (!isAmbiguous(error)) throw explained(client, what, error);
    lost = error instanceof Error ? error : new Error(String(error));
  }
  await verify(client, what, credentials, newKey, lost, options);
}

/** @param lost - why there was no usable answer */
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
    `acme: ${what}: the CA answered with success, but the account still has the old key; does the new key belong to another account?`,
    accountUrl,
  );
}

function explained(client: AcmeClient, what: string, error: unknown): unknown {
  if (!(error instanceof AcmeProblemError)) return error;
  // smallstep's server lists keyChange but does not implement it; its problem type does not say so.
  if (error.status === 501) {
    return new AcmeUnsupportedError(
      `acme: ${what}: ${client.directoryUrl} does not support key rollover`,
      client.directoryUrl,
    );
  }
  if (!isConflict(error)) return error;
  const owner = error.location === undefined ? "another account" : `account ${error.location}`;
  return withContext(what, error, { hint: `the new key belongs to ${owner}` });
}

/** @param location - may be relative */
function isSameUrl(location: string | undefined, url: string): boolean {
  if (location === undefined || !URL.canParse(location, url)) return false;
  return new URL(location, url).href === new URL(url).href;
}

/**
 * RFC 8555 §7.3.5: "If there is an existing account with the new key provided, then the server SHOULD use status code 409
 * (Conflict) and provide the URL of that account in the Location header field."
 */
function isConflict(error: unknown): error is AcmeProblemError {
  return error instanceof AcmeProblemError && error.status === 409;
}
