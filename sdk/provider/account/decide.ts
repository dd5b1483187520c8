/** What has to be done with an account, decided from state and arguments. Pure. */
import { enumerate } from "../../util/text";
import { type AccountArguments, DEFAULT_KEY_TYPE, type KeptArguments } from "./arguments";
import type { AccountState, AccountStatus } from "./state";
import { hasUnknown, isUnknown, sameData } from "../engine/wire";

export type AccountDecision =
  | { readonly action: "none" }
  | {
      /** `settings`: taken over without a request. */
      readonly action: "replace" | "register" | "change" | "settings";
      /** For the resource's row. */
      readonly reason: string;
    };

/** News may hold unknowns, which count as a change where a request depends on them. */
export function decideAccount(state: AccountState, news: AccountArguments): AccountDecision {
  if (!isUnknown(news.directoryUrl) && news.directoryUrl !== state.directoryUrl) {
    return { action: "replace", reason: "replaces: the directory URL is another CA's" };
  }
  if (state.status !== "valid") return { action: "register", reason: REGISTER[state.status] };
  const changes = [
    ...(isUnknown(news.directoryUrl)
      ? ["perhaps replaces: the directory URL is not known yet"]
      : []),
    ...(wantsRollover(state, news) ? [`rolls its key over to ${newKey(news)}`] : []),
    ...(wantsContactUpdate(state, news) ? ["updates its contacts"] : []),
  ];
  if (changes.length > 0) return { action: "change", reason: enumerate(changes) };
  const settings = SETTINGS.filter(
    (name) => !hasUnknown(news[name]) && !sameData(news[name], state.__arguments[name]),
  );
  if (settings.length === 0) return { action: "none" };
  return {
    action: "settings",
    reason: `takes over ${enumerate(settings)}; the CA is not asked`,
  };
}

/** Whether the account shall have another key than the one it has. */
export function wantsRollover(state: AccountState, news: AccountArguments): boolean {
  if (news.accountKeyPem !== undefined) return news.accountKeyPem !== state.accountKeyPem;
  // A key that the user took back is not used any more.
  if (state.__arguments.accountKeyPem === state.accountKeyPem) return true;
  return wantedKeyType(news) !== state.keyType;
}

/**
 * Against what was asked for last, not against what the CA says that it has: some keep no contacts, and would be sent
 * the same ones for ever.
 */
export function wantsContactUpdate(state: AccountState, news: AccountArguments): boolean {
  return !sameData(news.contact ?? [], state.__arguments.contact ?? []);
}

/** Of a key that we make. */
export function wantedKeyType(news: Pick<AccountArguments, "keyType">) {
  return news.keyType ?? DEFAULT_KEY_TYPE;
}

const REGISTER: Record<Exclude<AccountStatus, "valid">, string> = {
  lost: "registers anew: the CA has lost the account",
  deactivated: "registers anew: the account is deactivated",
  revoked: "registers anew: the CA has revoked the account",
  unregistered: "registers: the CA has not answered the last attempt",
};

/* What `read`, `delete` and the next decision need. The rest matters at registration alone, which has its own news. */
const SETTINGS = [
  "caBundlePem",
  "deactivateOnDestroy",
  "accountKeyPem",
] as const satisfies readonly (keyof KeptArguments)[];

function newKey(news: AccountArguments): string {
  if (news.accountKeyPem !== undefined) return "the key that is given";
  return isUnknown(news.keyType) ? "one of another kind" : `a new ${wantedKeyType(news)} key`;
}
