/** The handler of `AcmeAccount`. */
import { defineResource } from "../engine/resource";
import type { AccountArguments } from "./arguments";
import { checkAccount } from "./check";
import { type AccountDecision, decideAccount } from "./decide";
import type { AccountState } from "./state";

export const accountHandler = defineResource<AccountArguments, AccountState, AccountDecision>({
  check: checkAccount,
  decide: decideAccount,
  operations: () => import("./operations.js"),
  // A destroy that deactivates nothing must not need the CA.
  needsDelete: ({ status, __arguments }) =>
    __arguments.deactivateOnDestroy === true && status === "valid",
});
