/** What an `NginxSite` keeps in the state. */
import type { Words } from "../config-file/ownership";
import type { ConfigFileState } from "../config-file/state";
import type { NginxSiteArguments } from "./arguments";

export const WORDS: Words = { what: "site", pathArgument: "configFile" };

/** Documented outputs on the top level. The names are frozen. */
export interface NginxSiteState extends ConfigFileState {
  readonly __arguments: NginxSiteArguments;
  readonly __state: ConfigFileState["__state"] & {
    /** The version that the text was written for; absent where the host could not tell. */
    readonly nginxVersion?: string;
  };
  /** The text, without the line that says whose the file is; absent where it is not known whether it was written. */
  readonly config?: string;
  readonly configFile: string;
  /** Of `config`, lower-case hex. */
  readonly sha256?: string;
}
