/** The handler of `ServiceConfig`. */
import { defineResource } from "../engine/resource";
import { secret } from "../engine/wire";
import { checkServiceConfig } from "./check";
import { decideServiceConfig } from "./decide";

export const serviceConfigHandler = defineResource({
  check: checkServiceConfig,
  decide: decideServiceConfig,
  operations: () => import("./operations.js"),
  // The engine hides what has a secret argument's name; that this is the sum of one only the class knows.
  outputs: (state, inputs) =>
    inputs["__secretConfig"] === true && state.sha256 !== undefined
      ? { ...state, sha256: secret(state.sha256) }
      : { ...state },
});
