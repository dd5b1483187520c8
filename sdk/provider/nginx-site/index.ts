/** The handler of `NginxSite`. */
import { defineResource } from "../engine/resource";
import { secret } from "../engine/wire";
import { checkNginxSite } from "./check";
import { decideNginxSite } from "./decide";

export const nginxSiteHandler = defineResource({
  check: checkNginxSite,
  decide: decideNginxSite,
  operations: () => import("./operations.js"),
  // The engine hides what has a secret argument's name; that secrets went into the text only the class knows.
  outputs: (state, inputs) =>
    inputs["__secretConfig"] === true ? { ...state, config: secret(state.config) } : { ...state },
});
