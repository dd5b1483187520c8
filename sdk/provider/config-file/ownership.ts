/** Whether a resource may write a file that lies at its path already. Pure. */
import type { Owner } from "./first-line";

export type Takeover =
  | { readonly refusal: string }
  /** It may. The warning is for a file that another resource wrote. */
  | { readonly warning?: string };

/** How messages call the resource, and the argument that says where its file lies. */
export interface Words {
  readonly what: string;
  readonly pathArgument: string;
}

/**
 * A resource takes over what was written by itself, by a former life of its own, and by a resource of the same stack that the program does
 * not have any more: that one may be itself under another name or parent, which nothing else tells. It is created before that one is deleted.
 *
 * @param isLiving - whether the program still has the resource with a URN
 * @see pulumi/pulumi#9894
 */
export function takeover(
  file: { readonly owner: Owner | undefined } | "absent",
  owner: Owner,
  isLiving: (urn: string) => boolean,
  { what, pathArgument }: Words,
): Takeover {
  const elsewhere = `remove it, or give this ${what} another ${pathArgument}`;
  if (file === "absent" || file.owner?.token === owner.token) return {};
  if (file.owner === undefined)
    return { refusal: `the file is there and was not written by pulumi-acme; ${elsewhere}` };
  const { urn, token } = file.owner;
  if (urn !== undefined && urn === owner.urn) return {};
  if (urn !== undefined && isOfSameStack(urn, owner.urn) && !isLiving(urn)) {
    return {
      warning: `is taken over from ${urn}. If that is another ${what} and not a former name of this one, give one of them another ${pathArgument}; a new name is told by the option \`aliases\``,
    };
  }
  return { refusal: `the file belongs to another resource (${urn ?? token}); ${elsewhere}` };
}

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME` */
function isOfSameStack(urn: string, other: string | undefined): boolean {
  const stack = (text: string): string => text.split("::").slice(0, 2).join("::");
  return other !== undefined && urn.startsWith("urn:pulumi:") && stack(urn) === stack(other);
}
