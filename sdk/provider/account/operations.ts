/** What is done with accounts: create, update, read, deactivate. Loads everything heavy. */
import {
  type AcmeServer,
  deactivateAccount,
  getDirectory,
  isAmbiguous,
  loadAccountKey,
} from "../../acme";
import { credentialsFor, clientFor } from "../../issuance/clients";
import { withDeadline } from "../../util/abort";
import { messageOf } from "../../util/errors";
import { generatePrivateKey, keyTypeOf } from "../../x509/keys";
import { type AccountArguments, keptArguments } from "./arguments";
import { changeAccount, type Context, type RegisteredState } from "./change";
import { type AccountStatusAtCa, inspectAccount } from "./status";
import { decideAccount, wantedKeyType } from "./decide";
import { register, type Registration, synchroniseContacts } from "./registration";
import { type AccountKeys, accountResults, directoryResults, keyResults } from "./results";
import { type AccountState, asProperties } from "./state";
import { PartialFailure, type Properties } from "../engine/handler";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";

/** `pulumi refresh` waits no longer for a CA that does not answer. */
const REFRESH_TIMEOUT_MS = 15_000;

export function create(news: AccountArguments, reporter: Reporter): Promise<Properties> {
  return interruptible(async (signal) => {
    const client = clientFor(news);
    // Before a key is made: a wrong URL shows here.
    await getDirectory(client, { signal });
    const keys = await Promise.all([
      news.accountKeyPem ?? generatePrivateKey(wantedKeyType(news)),
      generatePrivateKey(wantedKeyType(news)),
    ]);
    const [accountKeyPem, nextAccountKeyPem] = keys;
    const mayExist = news.accountKeyPem !== undefined;
    const pair = { accountKeyPem, nextAccountKeyPem };
    return asProperties(await registerWith(client, pair, mayExist, news, { reporter, signal }));
  });
}

export function update(
  state: AccountState,
  news: AccountArguments,
  reporter: Reporter,
): Promise<Properties> {
  return interruptible(async (signal) => {
    const decision = decideAccount(state, news);
    if (decision.action === "replace") {
      throw new Error("acme: an account cannot move to another directoryUrl; it is replaced");
    }
    const context = { reporter, signal };
    if (decision.action === "register") {
      return asProperties(await registerAnew(clientFor(news), state, news, context));
    }
    let changed = state;
    if (decision.action === "change") {
      const client = clientFor(news);
      // Whether the CA is there at all, before anything is tried again and again.
      await getDirectory(client, { signal });
      changed = await changeAccount(client, registered(state), news, context);
    }
    return asProperties({
      ...changed,
      __arguments: keptArguments(news),
      caBundlePem: news.caBundlePem,
    });
  });
}

/** How the account stands at the CA now. A CA that cannot be asked is a warning. */
export async function read(state: AccountState, reporter: Reporter): Promise<Properties> {
  if (state.accountUrl === undefined) return asProperties(state);
  const known = registered(state);
  try {
    return await interruptible((interrupted) =>
      withDeadline("the look at the account", REFRESH_TIMEOUT_MS, interrupted, async (signal) => {
        const client = clientFor(state);
        const { meta } = await getDirectory(client, { signal });
        const condition = await inspectAccount(client, known, signal);
        warnOf(known, condition, meta.termsOfService, reporter);
        return asProperties({
          ...(await withCondition(known, condition)),
          ...directoryResults(meta),
        });
      }),
    );
  } catch (error) {
    reporter.warn(`the account was not refreshed: ${messageOf(error)}`);
    return asProperties(state);
  }
}

/** For good. An account that is gone already is success. */
export function deactivate(state: AccountState, reporter: Reporter): Promise<void> {
  return interruptible(async (signal) => {
    const known = registered(state);
    const client = clientFor(state);
    reporter.progress("deactivates the account");
    try {
      await getDirectory(client, { signal });
      const { status, accountKeyPem } = await inspectAccount(client, known, signal);
      if (status !== "valid" || accountKeyPem === undefined) return;
      const credentials = await credentialsFor({ ...known, accountKeyPem });
      await deactivateAccount(client, credentials, { signal });
    } catch (error) {
      const remedy =
        "nothing was destroyed; try again, or set deactivateOnDestroy to false and run `pulumi up` first";
      throw new Error(`${messageOf(error)} (${remedy})`, { cause: error });
    }
  });
}

/** A new registration for an account that is none any more, or never became one. */
async function registerAnew(
  client: AcmeServer,
  state: AccountState,
  news: AccountArguments,
  context: Context,
): Promise<AccountState> {
  const keys = await keysForRegistration(state, news);
  const fresh = await registerWith(client, keys, true, news, context);
  if (state.accountUrl !== undefined && state.accountUrl !== fresh.accountUrl) {
    context.reporter.warn(
      `account ${state.accountUrl} is ${state.status}; ${String(fresh.accountUrl)} takes its place`,
    );
  }
  return fresh;
}

/**
 * A lost account keeps its key, and its thumbprint with it: web servers go on answering. One that was deactivated
 * cannot; then the key that was made an operation ago comes to use, which a run that is killed does not lose.
 */
async function keysForRegistration(
  state: AccountState,
  news: AccountArguments,
): Promise<AccountKeys> {
  const wanted = wantedKeyType(news);
  const isRefused = state.status === "deactivated" || state.status === "revoked";
  const isTakenBack = state.__arguments.accountKeyPem === state.accountKeyPem;
  const candidates = [
    ...(isRefused || isTakenBack ? [] : [state.accountKeyPem]),
    state.nextAccountKeyPem,
  ].filter((pem) => keyTypeOf(pem) === wanted);
  const accountKeyPem = news.accountKeyPem ?? candidates[0] ?? (await generatePrivateKey(wanted));
  const unused = candidates.find((pem) => pem !== accountKeyPem && pem === state.nextAccountKeyPem);
  return { accountKeyPem, nextAccountKeyPem: unused ?? (await generatePrivateKey(wanted)) };
}

async function registerWith(
  client: AcmeServer,
  keys: AccountKeys,
  mayExist: boolean,
  news: AccountArguments,
  context: Context,
): Promise<AccountState> {
  const { reporter, signal } = context;
  const key = await loadAccountKey(keys.accountKeyPem);
  reporter.progress(mayExist ? "looks the account up" : "registers the account");
  let registration: Registration;
  try {
    registration = await register(client, key, news, mayExist, context);
  } catch (error) {
    signal.throwIfAborted();
    if (!isAmbiguous(error)) throw error;
    // The CA may have the account, and the binding may be spent: the next run asks with the same key.
    throw new PartialFailure(
      `${messageOf(error)} (nobody knows whether the account is registered; the next run asks with the same key)`,
      asProperties(await accountResults(client, undefined, keys, news)),
      { cause: error },
    );
  }
  try {
    const account = await synchroniseContacts(client, key, registration, news, signal);
    return await accountResults(client, account, keys, news);
  } catch (error) {
    const { account } = registration;
    const asFound = { ...news, contact: account.contact ?? [] };
    throw new PartialFailure(
      `account ${account.url} is there, but its contacts could not be updated: ${messageOf(error)}`,
      asProperties(await accountResults(client, account, keys, asFound)),
      { cause: error },
    );
  }
}

async function withCondition(
  state: RegisteredState,
  condition: AccountStatusAtCa,
): Promise<AccountState> {
  const { status, accountUrl = state.accountUrl, accountKeyPem, contact } = condition;
  const isManaged = state.__arguments.contact !== undefined;
  const current: AccountState = {
    ...state,
    status,
    accountUrl,
    contact: isManaged ? state.contact : (contact ?? state.contact),
  };
  if (accountKeyPem === undefined || accountKeyPem === state.accountKeyPem) return current;
  const results = await keyResults(accountKeyPem);
  const nextAccountKeyPem = await generatePrivateKey(wantedKeyType(state.__arguments));
  return { ...current, ...results, nextAccountKeyPem };
}

function warnOf(
  state: RegisteredState,
  condition: AccountStatusAtCa,
  termsOfService: string | undefined,
  reporter: Reporter,
): void {
  if (condition.status !== "valid") {
    const what =
      condition.status === "lost"
        ? "the CA no longer knows account"
        : `${condition.status}: account`;
    reporter.warn(`${what} ${state.accountUrl}; the next \`pulumi up\` registers anew`);
  }
  // RFC 8555 §7.3.3: a CA that wants agreement anew says so to the next request.
  if (state.termsOfServiceUrl !== undefined && state.termsOfServiceUrl !== termsOfService) {
    reporter.warn(
      `the CA's terms of service have changed: ${termsOfService ?? "it names none any more"}`,
    );
  }
}

function registered(state: AccountState): RegisteredState {
  const { accountUrl } = state;
  if (accountUrl === undefined) throw new Error("acme: the account is not registered");
  return { ...state, accountUrl };
}
