/** What an `NginxSite` keeps in the state. */
import type { NginxSiteArguments } from "./arguments";

/** Documented outputs on the top level. The names are frozen. */
export interface NginxSiteState {
  readonly __arguments: NginxSiteArguments;
  readonly __state: {
    /** Stands in the file's first line, and in the manifest beside it. */
    readonly ownerId: string;
    /** The version that the text was written for; absent where the host could not tell. */
    readonly nginxVersion?: string;
    /** What the last refresh found to be other than it should. */
    readonly drift?: readonly string[];
  };
  /** The text, without the line that says whose the file is. */
  readonly config: string;
  readonly configFile: string;
  /** Of `config`, lower-case hex. */
  readonly sha256: string;
}
