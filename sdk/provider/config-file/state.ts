/** What a resource with one configuration file keeps in the state, and what is done with that file. */
import type { KeepContext, Plan, StoredFile } from "../../deploy";
import type { Target } from "../../hosts";
import type { CommentPrefix } from "./first-line";
import type { Words } from "./ownership";

/** A configuration file as a resource wants it, and how its service takes it. */
export interface ConfigFile
  extends Words, Pick<Plan, "test" | "reload" | "reloads" | "needs">, Pick<KeepContext, "service"> {
  readonly connection: Target;
  readonly path: string;
  readonly mode: string;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly commentPrefix: CommentPrefix;
  readonly forgetUnreachable?: boolean | undefined;
}

/** The part of a state that all such resources have. */
export interface ConfigFileState {
  readonly __arguments: { readonly connection: Target };
  readonly __state: {
    /** Stands in the file's first line, and in the manifest beside it. */
    readonly ownerId: string;
    /** The file as it was left on the host, its first line included. */
    readonly stored?: StoredFile;
    /** What the last refresh found to be other than it should. */
    readonly drift?: readonly string[];
  };
  /** Of the text without the first line, lower-case hex; absent where it is not known whether it was written. */
  readonly sha256?: string;
}
