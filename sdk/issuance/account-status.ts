/** How an account stands at the CA, and which of our keys it has. */
import {
  type Account,
  type AccountKey,
  AcmeProblemError,
  type AcmeClient,
  findAccount,
  getAccount,
  hasProblemType,
  loadAccountKey,
} from "../acme";

export interface AccountStatusAtCa {
  readonly status: "valid" | "deactivated" | "revoked" | "lost";
  /** Where the key has an account: its URL, as the CA names it now. */
  readonly accountUrl?: string;
  /** The key that the CA knows the account by. */
  readonly accountKeyPem?: string;
  readonly contact?: readonly string[];
}

export interface KnownAccount {
  readonly accountUrl: string;
  readonly accountKeyPem: string;
  /** Those that a run which was killed may have given the account. */
  readonly possibleKeys: readonly string[];
}

/**
 * Asks with the account's key, then with those that it may have: a rollover that was killed after the CA took the new key,
 * and before that was saved, is found here.
 *
 * @throws what says nothing of the account: no connection, the CA out of order, too many requests
 */
export async function inspectAccount(
  client: AcmeClient,
  { accountUrl, accountKeyPem, possibleKeys }: KnownAccount,
  signal: AbortSignal,
): Promise<AccountStatusAtCa> {
  const answer = await ask(client, accountUrl, await loadAccountKey(accountKeyPem), signal);
  if (answer === "deactivated") return { status: "deactivated" };
  if (isAccount(answer)) return found(answer, accountKeyPem);
  for (const possible of possibleKeys) {
    const account = await accountOfKey(client, accountUrl, await loadAccountKey(possible), signal);
    if (account !== undefined) return found(account, possible);
  }
  if (answer === "refused") return { status: "deactivated" };
  if (answer === "none") return { status: "lost" };
  throw answer;
}

/**
 * The account of a key that the CA may not know. It is looked up by the key: a request in the account's name would be
 * signed wrongly.
 *
 * @returns `undefined` also where the CA does not take keys of this kind
 */
export async function accountOfKey(
  client: AcmeClient,
  accountUrl: string,
  key: AccountKey,
  signal: AbortSignal,
): Promise<Account | undefined> {
  try {
    // A CA that looks nothing up without a binding can only be asked for the account.
    return await findAccount(client, key, { signal }).catch((error: unknown) => {
      if (!hasProblemType(error, "externalAccountRequired")) throw error;
      return getAccount(client, { accountUrl, key }, { signal });
    });
  } catch (error) {
    if (!isAboutTheAccount(error)) throw error;
    return undefined;
  }
}

function found(
  { status = "valid", url, contact }: Account,
  accountKeyPem: string,
): AccountStatusAtCa {
  return { status, accountUrl: url, accountKeyPem, contact };
}

/**
 * The key's account, or that it has none; `refused`: the account has another key, or is deactivated; a problem that says
 * nothing of the account.
 */
async function ask(
  client: AcmeClient,
  accountUrl: string,
  key: AccountKey,
  signal: AbortSignal,
): Promise<Account | "none" | "refused" | "deactivated" | AcmeProblemError> {
  let refusal: unknown;
  try {
    return await getAccount(client, { accountUrl, key }, { signal });
  } catch (error) {
    if (!isAboutTheAccount(error)) throw error;
    refusal = error;
  }
  // The refusal may be about the URL or about the key; the look-up by key tells which (RFC 8555 §7.3.1).
  try {
    return (await findAccount(client, key, { signal })) ?? "none";
  } catch (error) {
    if (hasProblemType(error, "externalAccountRequired")) {
      // This CA looks nothing up without a binding: the refusal is all that can be had.
      if (hasProblemType(refusal, "accountDoesNotExist")) return "none";
      return hasProblemType(refusal, "unauthorized") ? "refused" : error;
    }
    // RFC 8555 §7.3.6: to a deactivated account everything is refused.
    if (error instanceof AcmeProblemError && [401, 403].includes(error.status))
      return "deactivated";
    throw error;
  }
}

function isAccount(answer: Account | AcmeProblemError | string): answer is Account {
  return typeof answer !== "string" && !(answer instanceof AcmeProblemError);
}

function isAboutTheAccount(error: unknown): boolean {
  return (
    error instanceof AcmeProblemError &&
    [400, 401, 403, 404, 405].includes(error.status) &&
    !hasProblemType(error, "rateLimited")
  );
}
