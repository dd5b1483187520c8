/** Another key for an account, in a way that a kill in the middle does not lose it. */
import {
  type AcmeClient,
  AcmeProblemError,
  AcmeUnsupportedError,
  changeAccountKey,
  loadAccountKey,
} from "../acme";
import { ConfigurationError, messageOf } from "../util/errors";
import { accountOfKey } from "./account-status";

/**
 * Makes `newKeyPem` the account's key. Where the CA refuses, the new key may already be the account's, because a run
 * before this one was killed before it could save that: then all is done.
 *
 * @throws what the CA said to the change
 * @see RFC 8555 §7.3.5
 */
export async function rollOver(
  client: AcmeClient,
  account: { readonly accountUrl: string; readonly accountKeyPem: string },
  newKeyPem: string,
  signal: AbortSignal,
): Promise<void> {
  const { accountUrl } = account;
  const key = await loadAccountKey(account.accountKeyPem);
  const newKey = await loadAccountKey(newKeyPem);
  try {
    await changeAccountKey(client, { accountUrl, key }, newKey, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AcmeUnsupportedError) {
      throw new ConfigurationError(
        `${messageOf(error)}; restore keyType and accountKeyPem, or replace the resource (pulumi up --replace …) to get a new account`,
      );
    }
    // The CA has named the account of the new key, and it is not this one.
    const isOthers = error instanceof AcmeProblemError && error.status === 409;
    if (isOthers && error.location !== undefined) throw error;
    const owner = await accountOfKey(client, accountUrl, newKey, signal).catch(() => undefined);
    if (owner?.url !== accountUrl) throw error;
  }
}
