/** Changing an account in place: its key, its contacts. Loads the client. */
import { type AcmeClient, isAmbiguous, isRefusedAccount, updateAccount } from "../../acme";
import type { SolverContext } from "../../challenges/solver";
import { rollOver } from "../../issuance/account-key-change";
import { credentialsFor } from "../../issuance/clients";
import { messageOf } from "../../util/errors";
import { type AccountArguments, RULES } from "./arguments";
import { wantedKeyType, wantsContactUpdate, wantsFreshKey, wantsRollover } from "./decide";
import { freshKey, nextKey, prepareNextKey } from "./next-key";
import { keyResults } from "./results";
import type { AccountState, RegisteredState } from "./state";
import { PartialFailure } from "../engine/handler";
import { storedArguments } from "../engine/rules";

/**
 * The key first: all that follows is signed by it.
 *
 * @throws {@link PartialFailure} where the key is another one already, or perhaps
 */
export async function changeAccount(
  client: AcmeClient,
  state: RegisteredState,
  args: AccountArguments,
  context: SolverContext,
): Promise<AccountState> {
  const rolled = wantsRollover(state, args) ? await changeKey(client, state, args, context) : state;
  if (!wantsContactUpdate(state, args)) return rolled;
  try {
    return await changeContacts(client, rolled, args, context);
  } catch (error) {
    if (rolled === state) throw withRemedy(error);
    // The contacts of before, so that the next run sees that they are still to do.
    const { contact } = state.__arguments;
    const kept = { ...rolled, __arguments: { ...rolled.__arguments, contact } };
    throw new PartialFailure(
      `the account has its new key, but not its new contacts: ${messageOf(error)}`,
      kept,
      { cause: error },
    );
  }
}

async function changeKey(
  client: AcmeClient,
  state: RegisteredState,
  args: AccountArguments,
  { progress, signal }: SolverContext,
): Promise<RegisteredState> {
  const keyType = wantedKeyType(args);
  const choose = wantsFreshKey(state, args) ? freshKey : nextKey;
  const accountKeyPem = args.accountKeyPem ?? (await choose(state.__state, keyType));
  progress("rolls the account's key over");
  try {
    await rollOver(client, state, accountKeyPem, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isAmbiguous(error)) throw withRemedy(error);
    // Both keys are kept: the next run tries one after the other.
    throw new PartialFailure(
      `${messageOf(error)} (it is not known whether the account has its new key; the next run finds out)`,
      { ...state, __state: { ...state.__state, triedKeyPem: accountKeyPem } },
      { cause: error },
    );
  }
  return {
    ...state,
    ...(await keyResults(accountKeyPem)),
    __arguments: storedArguments(RULES, args),
    __state: await prepareNextKey(keyType),
  };
}

async function changeContacts(
  client: AcmeClient,
  state: RegisteredState,
  args: AccountArguments,
  { progress, signal }: SolverContext,
): Promise<AccountState> {
  const contact = args.contact ?? [];
  progress("updates the account's contacts");
  await updateAccount(client, await credentialsFor(state), { contact }, { signal });
  return { ...state, contact };
}

function withRemedy(error: unknown): unknown {
  if (!isRefusedAccount(error)) return error;
  return new Error(
    `${error.message} (\`pulumi up --refresh\` asks how the account stands: it finds the key that a run which was killed gave it, and registers anew where it is lost)`,
  );
}
