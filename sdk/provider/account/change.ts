/** Changing an account in place: its key, its contacts. Loads the client. */
import { type AcmeServer, hasProblemType, isAmbiguous, updateAccount } from "../../acme";
import { credentialsFor } from "../../issuance/clients";
import { messageOf } from "../../util/errors";
import { generatePrivateKey, keyTypeOf } from "../../x509/keys";
import { type AccountArguments, keptArguments } from "./arguments";
import { wantedKeyType, wantsContactUpdate, wantsRollover } from "./decide";
import { keyResults } from "./results";
import { rollOver } from "./key-change";
import { type AccountState, asProperties } from "./state";
import { PartialFailure } from "../engine/handler";
import type { Reporter } from "../engine/progress";

export interface Context {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** A state of which the CA knows the account. */
export type RegisteredState = AccountState & { readonly accountUrl: string };

/**
 * The key first: all that follows is signed by it.
 *
 * @throws {@link PartialFailure} where the key is another one already, or perhaps
 */
export async function changeAccount(
  client: AcmeServer,
  state: RegisteredState,
  news: AccountArguments,
  context: Context,
): Promise<AccountState> {
  const rolled = wantsRollover(state, news) ? await changeKey(client, state, news, context) : state;
  if (!wantsContactUpdate(state, news)) return rolled;
  try {
    return await changeContacts(client, rolled, news, context);
  } catch (error) {
    if (rolled === state) throw withRemedy(error);
    // The contacts of before, so that the next run sees that they are still to do.
    const { contact } = state.__arguments;
    const kept = { ...rolled, __arguments: { ...rolled.__arguments, contact } };
    throw new PartialFailure(
      `the account has its new key, but not its new contacts: ${messageOf(error)}`,
      asProperties(kept),
      { cause: error },
    );
  }
}

async function changeKey(
  client: AcmeServer,
  state: RegisteredState,
  news: AccountArguments,
  { reporter, signal }: Context,
): Promise<RegisteredState> {
  const { accountKeyPem, nextAccountKeyPem } = await keysAfter(state, news);
  reporter.progress("rolls the account's key over");
  try {
    await rollOver(client, state, accountKeyPem, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isAmbiguous(error)) throw withRemedy(error);
    // Both keys are kept: whoever asks next tries one after the other.
    throw new PartialFailure(
      `${messageOf(error)} (nobody knows whether the account has its new key; the next run finds out)`,
      asProperties({ ...state, nextAccountKeyPem: accountKeyPem }),
      { cause: error },
    );
  }
  return {
    ...state,
    ...(await keyResults(accountKeyPem)),
    nextAccountKeyPem,
    __arguments: keptArguments(news),
  };
}

/**
 * The key to roll over to, and the one after that. The one that was made an operation ago is taken where it is of the
 * right kind: it is in the state, so that a run that is killed after the CA took it does not lose the account.
 */
async function keysAfter(
  state: AccountState,
  news: AccountArguments,
): Promise<{ accountKeyPem: string; nextAccountKeyPem: string }> {
  const wanted = wantedKeyType(news);
  const prepared = state.nextAccountKeyPem;
  const fits = keyTypeOf(prepared) === wanted;
  if (news.accountKeyPem !== undefined) {
    const unused = fits && prepared !== news.accountKeyPem;
    return {
      accountKeyPem: news.accountKeyPem,
      nextAccountKeyPem: unused ? prepared : await generatePrivateKey(wanted),
    };
  }
  return {
    accountKeyPem: fits ? prepared : await generatePrivateKey(wanted),
    nextAccountKeyPem: await generatePrivateKey(wanted),
  };
}

async function changeContacts(
  client: AcmeServer,
  state: RegisteredState,
  news: AccountArguments,
  { reporter, signal }: Context,
): Promise<AccountState> {
  const contact = news.contact ?? [];
  reporter.progress("updates the account's contacts");
  await updateAccount(client, await credentialsFor(state), { contact }, { signal });
  return { ...state, contact };
}

function withRemedy(error: unknown): unknown {
  if (!hasProblemType(error, "accountDoesNotExist", "unauthorized")) return error;
  return new Error(
    `${error.message} (\`pulumi up --refresh\` asks how the account stands, and registers anew where it is lost)`,
  );
}
