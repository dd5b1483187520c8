/** Cloudflare keeps international names in Unicode, and finds some of them by that form alone. Pure. */
import { domainToASCII, domainToUnicode } from "node:url";

/** The ways to ask for a name: in A-labels and, where that is another text, in Unicode. @see go-acme/lego#831 */
export function formsOf(name: string): string[] {
  return [...new Set([name, domainToUnicode(name)])];
}

/** Whether what the API calls a name is `name`, which is in A-labels. */
export function isSameName(theirs: unknown, name: string): boolean {
  return typeof theirs === "string" && domainToASCII(theirs) === name;
}
