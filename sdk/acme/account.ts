/** Accounts: register, find, read, update, deactivate. */
import { ConfigurationError } from "../util/errors";
import { singleLine } from "../util/text";
import {
  accountAtLocation,
  accountHint,
  checkContact,
  isUnauthorized,
  isUnknownAccount,
  parseAccount,
  registrationHint,
  type Account,
} from "./account-object";
import { getDirectory } from "./directory";
import type { DirectoryMeta } from "./directory-object";
import type { Answer } from "./answer";
import { checkedHmacKey, type ExternalAccountBinding } from "./external-account-binding";
import { AcmeProtocolError } from "./errors";
import { signExternalAccountBinding } from "./jws";
import type { AccountKey } from "./keys";
import { AcmeProblemError, hasProblemType, withContext } from "./problems";
import { post, postToEndpoint } from "./request";
import type { AcmeRequestOptions, AcmeClient } from "./client";

export interface AccountCredentials {
  readonly accountUrl: string;
  readonly key: AccountKey;
}

export interface NewAccountRequest {
  readonly termsOfServiceAgreed?: boolean;
  /** URLs; a `mailto:` has exactly one address and no header fields. */
  readonly contact?: readonly string[];
  readonly externalAccountBinding?: ExternalAccountBinding;
}

/**
 * Registers an account for the key, or finds the existing one, for which the CA ignores the rest of the request.
 *
 * @returns `created`: false if the key had an account
 * @throws {@link ConfigurationError}, before anything is sent, for terms not agreed to, for a missing external account
 * binding, an invalid MAC key or an invalid contact
 * @see RFC 8555 §7.3, Account Management
 */
export async function newAccount(
  client: AcmeClient,
  key: AccountKey,
  request: NewAccountRequest,
  options: AcmeRequestOptions = {},
): Promise<{ account: Account; created: boolean }> {
  const what = `account at ${client.directoryUrl}`;
  const contact = request.contact ?? [];
  contact.forEach(checkContact);
  const { meta } = await getDirectory(client, options);
  checkTerms(what, meta, request);
  const binding = request.externalAccountBinding;
  if (meta.externalAccountRequired && binding === undefined) {
    throw new ConfigurationError(
      `acme: ${what}: this CA requires an external account binding; get a key id and an HMAC key from it and give them as externalAccountBinding`,
    );
  }
  const mac = binding && checkedHmacKey(what, binding);

  const answer = await withTermsUrl(meta, what, () =>
    postToEndpoint(
      client,
      "newAccount",
      {
        what,
        signer: { key },
        hint: (problem) => registrationHint(problem, binding !== undefined),
        payload: async (url) => ({
          termsOfServiceAgreed: request.termsOfServiceAgreed,
          contact: contact.length === 0 ? undefined : contact,
          externalAccountBinding: mac && (await signExternalAccountBinding(mac, url, key)),
        }),
      },
      options,
    ),
  );
  return { account: accountAtLocation(what, answer), created: answer.status === 201 };
}

function checkTerms(what: string, meta: DirectoryMeta, request: NewAccountRequest): void {
  if (meta.termsOfService === undefined || request.termsOfServiceAgreed === true) return;
  throw new ConfigurationError(
    `acme: ${what}: the CA has terms of service: read ${singleLine(meta.termsOfService)} and set termsOfServiceAgreed to true`,
  );
}

/** Not every CA names the terms when it refuses because they were not agreed to. */
async function withTermsUrl(
  meta: DirectoryMeta,
  what: string,
  send: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    const named =
      hasProblemType(error, "userActionRequired", "agreementRequired") &&
      error.termsOfServiceUrl === undefined &&
      meta.termsOfService !== undefined;
    if (!named) throw error;
    throw withContext(what, error, { termsOfServiceUrl: meta.termsOfService });
  }
}

/**
 * Looks up the account of a key. Registers none, and does not use up an external account binding.
 *
 * @param externalAccountBinding - for a CA that wants one in a look-up as well
 * @returns `undefined` if the key has no account
 * @see RFC 8555 §7.3.1, Finding an Account URL Given a Key
 */
export async function findAccount(
  client: AcmeClient,
  key: AccountKey,
  options: AcmeRequestOptions = {},
  externalAccountBinding?: ExternalAccountBinding,
): Promise<Account | undefined> {
  const what = `account at ${client.directoryUrl}`;
  const mac = externalAccountBinding && checkedHmacKey(what, externalAccountBinding);
  const payload = async (url: string): Promise<object> => ({
    onlyReturnExisting: true,
    externalAccountBinding: mac && (await signExternalAccountBinding(mac, url, key)),
  });
  try {
    const answer = await postToEndpoint(
      client,
      "newAccount",
      { what, signer: { key }, payload },
      options,
    );
    return accountAtLocation(what, answer);
  } catch (error) {
    if (isUnknownAccount(error)) return undefined;
    throw error;
  }
}

/**
 * Fetches the account.
 *
 * @throws {@link AcmeProblemError} `accountDoesNotExist` if the CA does not know it, `unauthorized` if it is deactivated
 * or has another key
 */
export async function getAccount(
  client: AcmeClient,
  credentials: AccountCredentials,
  options: AcmeRequestOptions = {},
): Promise<Account> {
  const { accountUrl } = credentials;
  const what = `account ${accountUrl}`;
  try {
    const answer = await post(
      client,
      { what, url: accountUrl, signer: credentials, hint: accountHint },
      options,
    );
    return parseAccount(accountUrl, answer);
  } catch (error) {
    if (!cannotServeAccounts(error)) throw error;
    // HARICA and SSL.com do not serve account objects; the look-up by key shows that the account exists.
    const found = await findAccount(client, credentials.key, options).catch(() => undefined);
    if (found?.url !== accountUrl) throw error;
    return found;
  }
}

/** Whether the failure says nothing about the account. */
function cannotServeAccounts(error: unknown): boolean {
  if (error instanceof AcmeProtocolError) return true;
  return (
    error instanceof AcmeProblemError &&
    [400, 404, 405, 500, 501, 502].includes(error.status) &&
    !hasProblemType(error, "badNonce") &&
    !isUnknownAccount(error)
  );
}

/**
 * Replaces all contacts.
 *
 * @returns the account as the CA has it afterwards; some CAs do not store contacts
 * @see RFC 8555 §7.3.2, Account Update
 */
export async function updateAccount(
  client: AcmeClient,
  credentials: AccountCredentials,
  change: { readonly contact: readonly string[] },
  options: AcmeRequestOptions = {},
): Promise<Account> {
  change.contact.forEach(checkContact);
  const { accountUrl } = credentials;
  const answer = await post(
    client,
    {
      what: `account ${accountUrl}`,
      url: accountUrl,
      signer: credentials,
      payload: { contact: change.contact },
      hint: accountHint,
    },
    options,
  );
  return parseAccount(accountUrl, answer);
}

/**
 * Deactivates the account, which cannot be undone. Succeeds also if it is deactivated already, or if the CA does not
 * know it.
 *
 * @see RFC 8555 §7.3.6, Account Deactivation
 */
export async function deactivateAccount(
  client: AcmeClient,
  credentials: AccountCredentials,
  options: AcmeRequestOptions = {},
): Promise<void> {
  const { accountUrl } = credentials;
  try {
    await post(
      client,
      {
        what: `account ${accountUrl}`,
        url: accountUrl,
        signer: credentials,
        payload: { status: "deactivated" },
      },
      options,
    );
  } catch (error) {
    if (isUnknownAccount(error)) return;
    if (!isUnauthorized(error)) throw error;
    // Both a deactivated account and a wrong key are answered by `unauthorized`.
    const account = await findAccount(client, credentials.key, options).catch(
      (lookUpError: unknown) => {
        if (isUnauthorized(lookUpError)) return undefined;
        throw lookUpError;
      },
    );
    if (account !== undefined && account.status !== "deactivated") throw error;
  }
}
