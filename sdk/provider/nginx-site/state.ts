/** The arguments and the state of an `NginxSite`. Pure; the names are frozen. */
import type { Target } from "../../hosts/host";
import type { NginxSiteConfig } from "../../nginx/config";
import type { Properties } from "../engine/handler";
import { isRecord } from "../engine/wire";

/** As `check` leaves them. */
export interface NginxSiteArguments extends NginxSiteConfig {
  readonly connection: Target;
  readonly configFile: string;
  readonly test?: string;
  readonly reload?: string;
}

export interface NginxSiteState {
  /** The text, without the line that says whose the file is. */
  readonly config: string;
  readonly configFile: string;
  /** Of `config`, lower-case hex. */
  readonly sha256: string;
  /** Stands in the file's first line, and in the manifest beside it. */
  readonly owner: string;
  /** The version that the text was written for; absent where the host could not tell. */
  readonly nginxVersion?: string | undefined;
  /** What the last refresh found to be other than it should. */
  readonly drift?: string | undefined;
  readonly __arguments: NginxSiteArguments;
}

/** Inputs that `check` has let through, without the engine's own keys. */
export function siteArguments(inputs: Properties): NginxSiteArguments {
  const entries = Object.entries(inputs).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(entries) as unknown as NginxSiteArguments;
}

/** `undefined` for a state without arguments, which none of ours is. */
export function siteState(outs: Properties): NginxSiteState | undefined {
  return isRecord(outs["__arguments"]) ? (outs as unknown as NginxSiteState) : undefined;
}
