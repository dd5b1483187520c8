/** What is done with accounts: create, update, read, deactivate. Loads everything heavy. */
import {
  type AcmeClient,
  deactivateAccount,
  getDirectory,
  isAmbiguous,
  loadAccountKey,
} from "../../acme";
import type { SolverContext } from "../../challenges/solver";
import {
  register,
  type Registration,
  synchronizeContacts,
} from "../../issuance/account-registration";
import { type AccountStatusAtCa, inspectAccount } from "../../issuance/account-status";
import { clientFor, credentialsFor } from "../../issuance/clients";
import { withDeadline } from "../../util/abort";
import { messageOf } from "../../util/errors";
import { generatePrivateKey, keyTypeOf } from "../../x509/keys";
import { type AccountArguments, RULES } from "./arguments";
import { changeAccount } from "./change";
import { type AccountDecision, isUsersKey, wantedKeyType, wantsFreshKey } from "./decide";
import { freshKey, nextKey, possibleNextKeys, prepareNextKey } from "./next-key";
import { accountResults, directoryResults, keyResults } from "./results";
import type { AccountState, RegisteredState } from "./state";
import { isDefect } from "../../util/defect";
import { PartialFailure } from "../engine/handler";
import { interruptible } from "../engine/interruption";
import type { Context } from "../engine/resource";
import { storedArguments } from "../engine/rules";

/** `pulumi refresh` waits no longer for a CA that does not answer. */
const REFRESH_TIMEOUT_MS = 15_000;

export function create(args: AccountArguments, context: Context): Promise<AccountState> {
  return interruptible(async (signal) => {
    const client = clientFor(args);
    // Before a key is made: a wrong URL shows here.
    await getDirectory(client, { signal });
    const mayExist = args.accountKeyPem !== undefined;
    const accountKeyPem = args.accountKeyPem ?? (await generatePrivateKey(wantedKeyType(args)));
    return await registerWith(client, accountKeyPem, mayExist, args, { ...context, signal });
  });
}

export function update(
  state: AccountState,
  args: AccountArguments,
  { action }: AccountDecision,
  reporter: Context,
): Promise<AccountState> {
  return interruptible(async (signal) => {
    if (action === "replace") {
      throw new Error("acme: an account cannot move to another directoryUrl; it is replaced");
    }
    const context = { ...reporter, signal };
    if (action === "register") {
      return await registerAnew(clientFor(args), state, args, context);
    }
    let changed = state;
    if (action === "change") {
      const client = clientFor(args);
      // Whether the CA is there at all, before anything is tried again and again.
      await getDirectory(client, { signal });
      changed = await changeAccount(client, registered(state), args, context);
    }
    return {
      ...changed,
      __arguments: storedArguments(RULES, args),
      caBundlePem: args.caBundlePem,
    };
  });
}

/** How the account stands at the CA now. A CA that cannot be asked is a warning. */
export async function read(state: AccountState, context: Context): Promise<AccountState> {
  if (state.accountUrl === undefined) return state;
  const known = registered(state);
  try {
    return await interruptible((interrupted) =>
      withDeadline("the look at the account", REFRESH_TIMEOUT_MS, interrupted, async (signal) => {
        const client = clientFor(state);
        const { meta } = await getDirectory(client, { signal });
        const condition = await inspectAccount(client, keysOf(known), signal);
        const results = directoryResults(meta);
        warnOf(known, condition, results.termsOfServiceUrl, context);
        return { ...(await withCondition(known, condition)), ...results };
      }),
    );
  } catch (error) {
    if (isDefect(error)) throw error;
    context.warn(`the account was not refreshed: ${messageOf(error)}`);
    return state;
  }
}

/** Deactivates the account, which cannot be undone. An account that is gone already is success. */
export function remove(state: AccountState, context: Context): Promise<void> {
  return interruptible(async (signal) => {
    const known = registered(state);
    const client = clientFor(state);
    context.progress("deactivates the account");
    try {
      await getDirectory(client, { signal });
      const { status, accountKeyPem } = await inspectAccount(client, keysOf(known), signal);
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
  client: AcmeClient,
  state: AccountState,
  args: AccountArguments,
  context: SolverContext,
): Promise<AccountState> {
  const accountKeyPem = args.accountKeyPem ?? (await keyForRegistration(state, args));
  const fresh = await registerWith(client, accountKeyPem, true, args, context);
  if (state.accountUrl !== undefined && state.accountUrl !== fresh.accountUrl) {
    context.warn(
      `account ${state.accountUrl} is ${state.status}; ${String(fresh.accountUrl)} takes its place`,
    );
  }
  return fresh;
}

/**
 * A lost account keeps its key, and its thumbprint with it: web servers go on answering. The key of one that was
 * deactivated is refused, and may be in other hands: another one comes to use, which a run that is killed does not lose.
 */
async function keyForRegistration(state: AccountState, args: AccountArguments): Promise<string> {
  const wanted = wantedKeyType(args);
  const isRefused = state.status === "deactivated" || state.status === "revoked";
  if (wantsFreshKey(state, args)) return await freshKey(state.__state, wanted);
  const isKept = !isRefused && !isUsersKey(state) && keyTypeOf(state.accountKeyPem) === wanted;
  return isKept ? state.accountKeyPem : await nextKey(state.__state, wanted);
}

async function registerWith(
  client: AcmeClient,
  accountKeyPem: string,
  mayExist: boolean,
  args: AccountArguments,
  context: SolverContext,
): Promise<AccountState> {
  const { progress, signal } = context;
  const key = await loadAccountKey(accountKeyPem);
  progress(mayExist ? "looks the account up" : "registers the account");
  let registration: Registration;
  try {
    registration = await register(client, key, args, mayExist, context);
  } catch (error) {
    signal.throwIfAborted();
    if (!isAmbiguous(error)) throw error;
    // The CA may have the account, and the binding may be spent: the next run asks with the same key.
    throw new PartialFailure(
      `${messageOf(error)} (it is not known whether the account is registered; the next run asks with the same key)`,
      await accountResults(client, undefined, accountKeyPem, args),
      { cause: error },
    );
  }
  try {
    const account = await synchronizeContacts(client, key, registration, args.contact, signal);
    return await accountResults(client, account, accountKeyPem, args);
  } catch (error) {
    const { account } = registration;
    const asFound = { ...args, contact: account.contact ?? [] };
    throw new PartialFailure(
      `account ${account.url} is there, but its contacts could not be updated: ${messageOf(error)}`,
      await accountResults(client, account, accountKeyPem, asFound),
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
  const hasNextKey = accountKeyPem !== undefined && accountKeyPem !== state.accountKeyPem;
  // Who had an account deactivated may know of a key that was read from the state, and the next one lay beside it.
  const isRefused = status !== state.status && (status === "deactivated" || status === "revoked");
  if (!hasNextKey && !isRefused) return current;
  return {
    ...current,
    ...(hasNextKey ? await keyResults(accountKeyPem) : {}),
    __state: await prepareNextKey(wantedKeyType(state.__arguments)),
  };
}

function warnOf(
  state: RegisteredState,
  condition: AccountStatusAtCa,
  termsOfService: string | undefined,
  { warn }: Context,
): void {
  if (condition.status !== "valid") {
    const what =
      condition.status === "lost"
        ? "the CA no longer knows account"
        : `${condition.status}: account`;
    warn(`${what} ${state.accountUrl}; the next \`pulumi up\` registers anew`);
  }
  // RFC 8555 §7.3.3: a CA that wants agreement anew says so to the next request.
  if (state.termsOfServiceUrl !== undefined && state.termsOfServiceUrl !== termsOfService) {
    warn(`the CA's terms of service have changed: ${termsOfService ?? "it names none any more"}`);
  }
}

function registered(state: AccountState): RegisteredState {
  const { accountUrl } = state;
  if (accountUrl === undefined) throw new Error("acme: the account is not registered");
  return { ...state, accountUrl };
}

function keysOf({ accountUrl, accountKeyPem, __state }: RegisteredState) {
  return { accountUrl, accountKeyPem, possibleKeys: possibleNextKeys(__state) };
}

export { remove as delete };
