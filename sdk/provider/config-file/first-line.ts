/** The first line of a configuration file that this package wrote: a comment that says whose it is. Pure. */
import { singleLine } from "../../util/text";

export const COMMENT_PREFIXES = ["#", "//", ";"] as const;

/** What begins a comment; `false` for a file whose first line cannot be one. */
export type CommentPrefix = (typeof COMMENT_PREFIXES)[number] | false;

/** Who wrote a file. */
export interface Owner {
  /** Of this resource in this very life: a new one for each creation. */
  readonly token: string;
  /** The resource's URN, which the next creation of the same resource has, too. */
  readonly urn: string | undefined;
}

const BEGINNING = "Managed by pulumi-acme, changes are overwritten. Owner:";
const LINE = new RegExp(`^(?:#|//|;) ${BEGINNING}(.*)$`);

/** The first line of a file of ours, without its newline. */
export function marker({ token, urn }: Owner, prefix: Exclude<CommentPrefix, false> = "#"): string {
  return `${prefix} ${BEGINNING} ${token}${urn === undefined ? "" : ` ${singleLine(urn, 1000)}`}`;
}

/** Whose a file with this first line is; `undefined` for a file that is none of ours. */
export function ownerOf(firstLine: string): Owner | undefined {
  const [, words] = LINE.exec(firstLine) ?? [];
  const [token = "", ...urn] = (words ?? "").trim().split(" ");
  return token === "" ? undefined : { token, urn: urn.length === 0 ? undefined : urn.join(" ") };
}
