/**
 * What JavaScript throws by itself, and no part of this package means to: a state that somebody edited, or a mistake of
 * ours. Pure.
 */

const CLASSES = [TypeError, RangeError, SyntaxError, ReferenceError];

type Defect = Error & { readonly code?: string };

/** With a cause it is none: `fetch` wraps every failure in a TypeError. */
export function isDefect(error: unknown): error is Defect {
  return CLASSES.some((type) => error instanceof type) && (error as Error).cause === undefined;
}

/** Where it happened, without the error's own words: they may quote a value, and that may be secret. */
export function describeDefect({ name, code, message, stack = "" }: Defect): string {
  const frames = stack.slice(stack.indexOf(message) + message.length);
  const place = /\n +at (?:async )?([\w.$]+) \(/.exec(frames)?.[1] ?? "pulumi-acme";
  const what = code === undefined ? name : `${name} ${code}`;
  return `internal error (${what} in ${place}): something in the state or in the arguments is not what it should be; if the state was edited, restore it by \`pulumi stack import\`, else please report this`;
}
