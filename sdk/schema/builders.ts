/**
 * What the schemas of arguments are made of: valibot, with messages for the users of this package.
 *
 * A message never holds the value of an argument unless its own text does: arguments are often secret.
 */
import * as v from "valibot";

import { parseDuration, parseSpan } from "../util/duration";
import { enumerate, nearest } from "../util/text";

/** An object whose keys are all known: an unknown one is an error that names the nearest. */
export function object<const E extends v.ObjectEntries>(entries: E) {
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

/** What {@link exactlyOne} lets through. */
export type OneOfOutput<A extends v.ObjectEntries, O extends v.ObjectEntries> = {
  readonly [K in keyof A]?: v.InferOutput<A[K]>;
} & v.InferOutput<v.StrictObjectSchema<O, undefined>>;

/** An object with exactly one of `alternatives`, and any of `others`. */
export function exactlyOne<
  const A extends v.ObjectEntries,
  const O extends v.ObjectEntries = { readonly [K in never]: v.GenericSchema },
>(alternatives: A, others?: O): v.GenericSchema<OneOfOutput<A, O>> {
  const optional = Object.fromEntries(
    Object.entries(alternatives).map(([key, schema]) => [key, v.optional(schema)]),
  );
  const names = Object.keys(alternatives);
  const schema = v.pipe(
    object({ ...optional, ...others }),
    v.check(
      (value: Record<string, unknown>) =>
        names.filter((name) => value[name] !== undefined).length === 1,
      `exactly one of ${enumerate(names)} must be given`,
    ),
  );
  return schema as unknown as v.GenericSchema<OneOfOutput<A, O>>;
}

/**
 * Marks an argument as secret. Whoever marks one adds its name to `SECRET_ARGUMENTS`, which the resources' classes
 * use because they do not load schemas; a test compares both.
 */
export function secret<const S extends v.GenericSchema>(schema: S) {
  return v.pipe(schema, v.metadata({ secret: true }));
}

/** A text that passes `test`. */
export function text(test: (value: string) => boolean, message: string) {
  return v.pipe(v.string(), v.check(test, message));
}

export const nonEmpty = text((value) => value.trim() !== "", "is empty");

/** For a text that previews and states show. */
export const withoutPrivateKey = v.check<string, string>(
  (value) => !value.includes("PRIVATE KEY-----"),
  "holds a private key, and would be shown in previews and in the state: give the key apart",
);

export const duration = text(
  (value) => parseDuration(value) !== undefined,
  'must be a duration such as "36h" or "30d"',
);

/** A duration, or none: `"0s"`. */
export const span = text(
  (value) => parseSpan(value) !== undefined,
  'must be a duration such as "36h" or "0s"',
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

export function typeMessage(expected: string, input: unknown): string {
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
