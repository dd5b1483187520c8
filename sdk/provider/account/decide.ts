/** What has to be done with an account, decided from state and arguments. Pure. */
import { enumerate } from "../../util/text";
import { type AccountArguments, DEFAULT_KEY_TYPE, RULES } from "./arguments";
import type { AccountState, AccountStatus } from "./state";
import type { Decision } from "../engine/resource";
import { changesOf, digestOf, namesOf } from "../engine/rules";
import { isUnknown } from "../engine/wire";

export type AccountDecision = Decision<"register" | "change">;

/** @param args - in preview they may hold unknowns, which count as a change where a request depends on them */
export function decideAccount(state: AccountState, args: AccountArguments): AccountDecision {
  if (!isUnknown(args.directoryUrl) && args.directoryUrl !== state.directoryUrl) {
    return {
      action: "replace",
      reason: "replaces: the directory URL is another CA's",
      replaces: ["directoryUrl"],
    };
  }
  if (state.status !== "valid") return { action: "register", reason: REGISTER[state.status] };
  const changed = changesOf(RULES, state.__arguments, args);
  const changes = [
    ...(isUnknown(args.directoryUrl)
      ? ["perhaps replaces: the directory URL is not known yet"]
      : []),
    ...(wantsRollover(state, args) ? [`rolls its key over to ${newKey(args)}`] : []),
    ...(wantsContactUpdate(state, args) ? ["updates its contacts"] : []),
  ];
  if (changes.length > 0) return { action: "change", reason: enumerate(changes) };
  const settings = namesOf(changed, "settings");
  if (settings.length === 0) return { action: "none" };
  return {
    action: "settings",
    reason: `takes over ${enumerate(settings)}; the CA is not asked`,
  };
}

/** Whether the account shall have another key than the one it has. */
export function wantsRollover(state: AccountState, args: AccountArguments): boolean {
  if (args.accountKeyPem !== undefined) return args.accountKeyPem !== state.accountKeyPem;
  if (isUsersKey(state) || wantsFreshKey(state, args)) return true;
  return wantedKeyType(args) !== state.keyType;
}

/** Whether the new key must be one that nothing in the state tells of: who asks for it may know that the state was read. */
export function wantsFreshKey(state: AccountState, args: AccountArguments): boolean {
  return changesOf(RULES, state.__arguments, args).some(({ change }) => change === "rollover");
}

/** Whether the present key was given as an argument: once it is no longer given, it is not used any more. */
export function isUsersKey(state: AccountState): boolean {
  return state.__arguments.accountKeyPem === digestOf(state.accountKeyPem);
}

/**
 * Against what was asked for last, not against what the CA says that it has: some keep no contacts, and would be sent
 * the same ones in every run.
 */
export function wantsContactUpdate(state: AccountState, args: AccountArguments): boolean {
  return changesOf(RULES, state.__arguments, args).some(({ change }) => change === "contact");
}

/** The type of a key that is generated. */
export function wantedKeyType(args: Pick<AccountArguments, "keyType">) {
  return args.keyType ?? DEFAULT_KEY_TYPE;
}

const REGISTER: Record<Exclude<AccountStatus, "valid">, string> = {
  lost: "registers anew: the CA has lost the account",
  deactivated: "registers anew: the account is deactivated",
  revoked: "registers anew: the CA has revoked the account",
  unregistered: "registers: the CA has not answered the last attempt",
};

function newKey(args: AccountArguments): string {
  if (args.accountKeyPem !== undefined) return "the key that is given";
  return isUnknown(args.keyType) ? "one of another kind" : `a new ${wantedKeyType(args)} key`;
}
