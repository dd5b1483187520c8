/** What has to be done with a site, decided from state and arguments. Pure. */
import { type ConfigFileDecision, decideConfigFile } from "../config-file/decide";
import { type NginxSiteArguments, RULES } from "./arguments";
import { type NginxSiteState, WORDS } from "./state";

export function decideNginxSite(
  state: NginxSiteState,
  args: NginxSiteArguments,
): ConfigFileDecision {
  const compared = {
    rules: RULES,
    former: state.__arguments,
    args,
    pathOf: ({ configFile }: NginxSiteArguments) => configFile,
  };
  return decideConfigFile(state, compared, WORDS);
}
