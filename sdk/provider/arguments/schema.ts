/**
 * Checking arguments: schemas in valibot, failures with paths, unknowns let through.
 *
 * A reason never holds the value of an argument unless the schema's own text put it there: arguments are often secret.
 */
import * as v from "valibot";

import { parseDuration, parseSpan } from "../../util/duration";
import { enumerate, nearest } from "../../util/text";
import type { CheckFailure, Properties } from "../engine/handler";
import { hasUnknown } from "../engine/wire";

type Entries = Record<string, v.GenericSchema>;

/** An object whose keys are all known: an unknown one is an error that names the nearest. */
export function arguments_<const E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, (issue) => {
    if (issue.expected !== "never") return typeMessage("an object", issue.input);
    const [name] = (issue.path ?? []).slice(-1).map(({ key }) => key);
    const key = typeof name === "string" ? name : "";
    const near = nearest(key, Object.keys(entries));
    const known =
      near === undefined
        ? `known are ${enumerate(Object.keys(entries))}`
        : `did you mean "${near}"?`;
    return `unknown argument; ${known}`;
  });
}

/** An object with exactly one of `alternatives`, and any of `others`. */
export function exactlyOne(alternatives: Entries, others: Entries = {}): v.GenericSchema {
  const optional = Object.fromEntries(
    Object.entries(alternatives).map(([key, schema]) => [key, v.optional(schema)]),
  );
  const names = Object.keys(alternatives);
  return v.pipe(
    arguments_({ ...optional, ...others }),
    v.check(
      (value) => {
        const record = value as Record<string, unknown>;
        return names.filter((name) => record[name] !== undefined).length === 1;
      },
      `exactly one of ${enumerate(names)} must be given`,
    ),
  );
}

export const nonEmpty = v.pipe(
  v.string(),
  v.check((text) => text.trim() !== "", "is empty"),
);

export const duration = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== undefined, 'must be a duration such as "36h" or "30d"'),
);

/** A duration, or none: `"0s"`. */
export const span = v.pipe(
  v.string(),
  v.check((text) => parseSpan(text) !== undefined, 'must be a duration such as "36h" or "0s"'),
);

export const port = v.pipe(
  v.number(),
  v.check(
    (value) => Number.isInteger(value) && value >= 1 && value <= 65535,
    "must be a port from 1 to 65535",
  ),
);

/** One of a few words. */
export function oneOfWords<const W extends readonly string[]>(words: W) {
  return v.picklist(words, (issue) => {
    const near = typeof issue.input === "string" ? nearest(issue.input, words) : undefined;
    return `must be one of ${enumerate(words)}${near === undefined ? "" : `; did you mean "${near}"?`}`;
  });
}

/** A text that passes `test`. */
export function text(test: (value: string) => boolean, message: string) {
  return v.pipe(v.string(), v.check(test, message));
}

/** What is wrong with `inputs`; what is not known yet counts as right, and so do the engine's own `__` keys. */
export function failuresOf(schema: v.GenericSchema, inputs: Properties): CheckFailure[] {
  const own = Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
  const result = v.safeParse(schema, own);
  if (result.success) return [];
  return result.issues
    .filter((issue) => !hasUnknown(issue.input))
    .map((issue) => ({ path: pathOf(issue), reason: reasonOf(issue) }));
}

function reasonOf(issue: v.BaseIssue<unknown>): string {
  // valibot's own texts quote what they received; ours do not.
  if (issue.message.startsWith("Invalid ")) {
    if (issue.input === undefined) return "is missing";
    return typeMessage(expectedWord(issue.expected ?? "another value"), issue.input);
  }
  return issue.message;
}

function expectedWord(expected: string): string {
  const words: Record<string, string> = {
    Array: "a list",
    Object: "an object",
    string: "a text",
    number: "a number",
    boolean: "true or false",
  };
  return words[expected] ?? expected;
}

function typeMessage(expected: string, input: unknown): string {
  if (input === undefined) return "is missing";
  const actual =
    input === null
      ? "null"
      : Array.isArray(input)
        ? "a list"
        : typeof input === "object"
          ? "an object"
          : `a ${typeof input}`;
  return `must be ${expected}, not ${actual}`;
}

/** `solvers[0].http01.webroot.path` */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce((path, { key }) => {
    if (typeof key === "number") return `${path}[${String(key)}]`;
    return path === "" ? String(key) : `${path}.${String(key)}`;
  }, "");
}
