/** What a `ServiceConfig` keeps in the state. */
import type { Words } from "../config-file/ownership";
import type { ConfigFileState } from "../config-file/state";
import type { ServiceConfigArguments } from "./arguments";

export const WORDS: Words = { what: "configuration", pathArgument: "path" };

/** Documented outputs on the top level. The names are frozen. */
export interface ServiceConfigState extends ConfigFileState {
  /** See {@link RULES}: of the content its digest. */
  readonly __arguments: ServiceConfigArguments;
  readonly path: string;
  /** Whether the service was reloaded when the file was last written. */
  readonly reloaded?: boolean;
}
