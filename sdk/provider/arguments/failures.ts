/** What is wrong with arguments: the issues of a schema as failures with paths, unknowns let through. */
import * as v from "valibot";

import { typeMessage } from "../../schema/builders";
import type { CheckFailure, Properties } from "../engine/handler";
import { hasUnknown } from "../engine/wire";

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
    return typeMessage(expectedWord(issue.expected ?? "another value"), issue.input);
  }
  return issue.message;
}

const EXPECTED: Readonly<Record<string, string>> = {
  Array: "a list",
  Object: "an object",
  string: "a text",
  number: "a number",
  boolean: "true or false",
};

function expectedWord(expected: string): string {
  return EXPECTED[expected] ?? expected;
}

/** `solvers[0].http01.webroot.path` */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce((path, { key }) => {
    if (typeof key === "number") return `${path}[${String(key)}]`;
    return path === "" ? String(key) : `${path}.${String(key)}`;
  }, "");
}
