import { describe, expect, it } from "vitest";

import { describeDefect, isDefect } from "../../../sdk/util/defect";
import { ConfigurationError } from "../../../sdk/util/errors";

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("an error that nobody here wrote", () => {
  it.each<[string, () => unknown, string]>([
    [
      "of V8",
      function readState() {
        return (undefined as unknown as { a: string }).a;
      },
      "internal error (TypeError in readState)",
    ],
    [
      "of V8, which quotes the value",
      () => "a" in ("hunter2" as unknown as object),
      "internal error (TypeError in ",
    ],
    [
      "of JSON, which quotes the text",
      () => JSON.parse("hunter2") as unknown,
      "internal error (SyntaxError in JSON.parse)",
    ],
    [
      "of Node.js",
      () => Buffer.from(7 as unknown as string),
      "internal error (TypeError ERR_INVALID_ARG_TYPE in ",
    ],
  ])("%s is told by its place, without its words", (_what, work, beginning) => {
    const error = thrownBy(work);
    if (!isDefect(error)) throw new Error("it is taken for one of ours");
    const message = describeDefect(error);
    expect(message.slice(0, beginning.length)).toBe(beginning);
    expect(message).toContain("pulumi stack import");
    expect(message).not.toMatch(/hunter2|Cannot|must be/);
  });

  it("is neither one of ours, nor fetch's, whose cause says why", () => {
    expect(isDefect(new ConfigurationError("dnsNames: is missing"))).toBe(false);
    expect(isDefect(new TypeError("fetch failed", { cause: new Error("no route") }))).toBe(false);
    expect(isDefect("text")).toBe(false);
  });
});
