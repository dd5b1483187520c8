/** What has to be done with a registration, decided from state and arguments. Pure. */
import { enumerate } from "../../util/text";
import type { Decision } from "../engine/resource";
import { changesOf } from "../engine/rules";
import { hasUnknown } from "../engine/wire";
import { type RegistrationArguments, RULES } from "./arguments";
import type { RegistrationState } from "./state";

export type RegistrationDecision = Decision<"record">;

/** @param args - in a preview they may hold unknowns */
export function decideRegistration(
  state: RegistrationState,
  args: RegistrationArguments,
): RegistrationDecision {
  const changes = changesOf(RULES, state.__arguments, args);
  const ofRegistration = changes
    .filter(({ change }) => change === "replace")
    .map(({ argument }) => argument);
  const replaces = ofRegistration.filter((argument) => !hasUnknown(args[argument]));
  if (replaces.length > 0) {
    const reason = `replaces: registers anew because of ${enumerate(replaces)}`;
    return { action: "replace", reason, replaces };
  }
  if (ofRegistration.length > 0) {
    const reason = `perhaps replaces: ${enumerate(ofRegistration)} is not known yet`;
    return { action: "record", reason };
  }
  if (changes.length === 0) return { action: "none" };
  return { action: "record", reason: "names another record; the subdomain stays" };
}
