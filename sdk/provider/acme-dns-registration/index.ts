/** The handler of `AcmeDnsRegistration`. */
import { defineResource } from "../engine/resource";
import type { RegistrationArguments } from "./arguments";
import { checkRegistration } from "./check";
import { decideRegistration, type RegistrationDecision } from "./decide";
import type { RegistrationState } from "./state";

export const acmeDnsRegistrationHandler = defineResource<
  RegistrationArguments,
  RegistrationState,
  RegistrationDecision
>({
  check: checkRegistration,
  decide: decideRegistration,
  operations: () => import("./operations.js"),
});
