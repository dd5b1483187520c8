/** The arguments of an `NginxSite`, what their changes mean, and its state. Pure. */
import type { Target } from "../../hosts/host";
import type { NginxSiteConfig } from "../../nginx/config";
import type { Rules } from "../engine/rules";

/** As `check` leaves them. */
export interface NginxSiteArguments extends NginxSiteConfig {
  readonly connection: Target;
  readonly configFile: string;
  readonly test?: string;
  readonly reload?: string;
}

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

/** What a change of an argument means: `write` is another text. */
export const RULES: Rules<NginxSiteArguments, "write"> = {
  challenge: { change: "write" },
  configFile: { change: "replace" },
  // Another host replaces; port, user and credentials are taken over.
  connection: { change: "settings" },
  extraConfig: { change: "write" },
  listen: { change: "write" },
  locations: { change: "write" },
  proxyPass: { change: "write" },
  redirectToHttps: { change: "write" },
  reload: { change: "settings" },
  root: { change: "write" },
  serverNames: { change: "write" },
  test: { change: "settings" },
  tls: { change: "write" },
};
