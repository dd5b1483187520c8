/** What has to be done with a service's configuration, decided from state and arguments. Pure. */
import { type ConfigFileDecision, decideConfigFile } from "../config-file/decide";
import { RULES, type ServiceConfigArguments } from "./arguments";
import { type ServiceConfigState, WORDS } from "./state";

export function decideServiceConfig(
  state: ServiceConfigState,
  args: ServiceConfigArguments,
): ConfigFileDecision {
  const compared = {
    rules: RULES,
    former: state.__arguments,
    args,
    pathOf: ({ path }: ServiceConfigArguments) => path,
  };
  return decideConfigFile(state, compared, WORDS);
}
