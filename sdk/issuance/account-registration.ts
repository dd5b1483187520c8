/** Getting an account for a key: the one that it has, or a new one. */
import {
  type Account,
  type AccountKey,
  AcmeProblemError,
  type AcmeClient,
  type ExternalAccountBinding,
  findAccount,
  hasProblemType,
  newAccount,
  updateAccount,
} from "../acme";
import { ConfigurationError } from "../util/errors";
import { decodeHmacKey } from "../util/hmac-key";
import type { SolverContext } from "../challenges/solver";

/** What is registered; see `AcmeAccount`. */
export interface AccountRequest {
  readonly termsOfServiceAgreed?: boolean;
  readonly contact?: readonly string[];
  readonly externalAccountBinding?: ExternalAccountBinding;
  readonly mustExist?: boolean;
}

export interface Registration {
  readonly account: Account;
  readonly created: boolean;
}

/** RFC 7518 §3.2: "A key of the same size as the hash output [...] or larger MUST be used". */
const HMAC_KEY_OCTETS = { HS256: 32, HS384: 48, HS512: 64 };

/**
 * @param mayExist - the key may have an account already: it is looked up before anything is registered, because a
 *   binding is good for one registration at most CAs, and must not be spent on a look-up
 * @throws {@link ConfigurationError} naming what the user has to do: agree to terms (with their URL), bring a binding,
 *   bring another key
 */
export async function register(
  client: AcmeClient,
  key: AccountKey,
  args: AccountRequest,
  mayExist: boolean,
  { warn, signal }: Pick<SolverContext, "warn" | "signal">,
): Promise<Registration> {
  const existing = mayExist ? await lookUp(client, key, args, signal) : undefined;
  if (existing !== undefined) return { account: usable(client, existing), created: false };
  if (args.mustExist === true) {
    throw new ConfigurationError(
      `acme: account at ${client.directoryUrl}: the CA knows none for the key in accountKeyPem, and mustExist forbids to register one`,
    );
  }
  warnOfShortKey(args, warn);
  try {
    const { account, created } = await newAccount(client, key, request(args), { signal });
    return { account: usable(client, account), created };
  } catch (error) {
    // With a binding it is more likely that which is refused.
    const isKey = mayExist && args.externalAccountBinding === undefined && isRefusedKey(error);
    throw isKey ? refusedKey(client, error) : error;
  }
}

/** @returns `undefined` where the key has no account, or where only the registration itself can tell */
async function lookUp(
  client: AcmeClient,
  key: AccountKey,
  { externalAccountBinding, mustExist }: AccountRequest,
  signal: AbortSignal,
): Promise<Account | undefined> {
  try {
    return await findAccount(client, key, { signal });
  } catch (error) {
    if (isRefusedKey(error)) throw refusedKey(client, error);
    if (!hasProblemType(error, "externalAccountRequired")) throw error;
    if (externalAccountBinding === undefined) {
      throw new ConfigurationError(
        `${error.message}: this CA wants the external account binding also where an account is looked up; give its key id and HMAC key as externalAccountBinding`,
      );
    }
    // RFC 8555 §7.3.1: a registration, too, finds the account that the key has.
    if (mustExist !== true) return undefined;
    return await findAccount(client, key, { signal }, externalAccountBinding);
  }
}

/**
 * Gives an account that existed before the contacts that are wanted: RFC 8555 §7.3.1 lets the CA ignore those of the
 * registration. Without `contact` it keeps its own.
 */
export async function synchronizeContacts(
  client: AcmeClient,
  key: AccountKey,
  { account, created }: Registration,
  contact: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Account> {
  if (created || contact === undefined) return account;
  const had = [...(account.contact ?? [])].sort();
  if (had.join() === contact.join()) return account;
  const credentials = { accountUrl: account.url, key };
  return updateAccount(client, credentials, { contact }, { signal });
}

function request(args: AccountRequest) {
  const { termsOfServiceAgreed, contact, externalAccountBinding } = args;
  return { termsOfServiceAgreed, contact, externalAccountBinding };
}

function warnOfShortKey(
  { externalAccountBinding }: AccountRequest,
  warn: SolverContext["warn"],
): void {
  if (externalAccountBinding === undefined) return;
  const { hmacKey, algorithm = "HS256" } = externalAccountBinding;
  const octets = decodeHmacKey(hmacKey)?.length ?? 0;
  const wanted = HMAC_KEY_OCTETS[algorithm];
  if (octets >= wanted) return;
  warn(
    `externalAccountBinding.hmacKey: ${String(octets)} bytes are less than the ${String(wanted)} that a key for ${algorithm} should have; is it whole?`,
  );
}

function usable(client: AcmeClient, account: Account): Account {
  if (account.status !== "deactivated" && account.status !== "revoked") return account;
  throw refusedKey(client, undefined);
}

/* Boulder answers so where the key's account is deactivated; the look-up needs no permission otherwise. */
function isRefusedKey(error: unknown): boolean {
  return hasProblemType(error, "unauthorized") && (error.status === 401 || error.status === 403);
}

function refusedKey(client: AcmeClient, cause: unknown): ConfigurationError {
  const words =
    cause instanceof AcmeProblemError ? ` (${cause.problem.detail ?? "unauthorized"})` : "";
  return new ConfigurationError(
    `acme: account at ${client.directoryUrl}: the account of this key is deactivated or revoked, and the CA refuses the key for good${words}; give another accountKeyPem, or leave it out`,
  );
}
