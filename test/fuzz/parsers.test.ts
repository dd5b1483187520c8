import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Parser } from "./parser";
import { parsers } from "./parsers";
import { parameters, textLike, TIMEOUT_MS } from "./runs";

/** Long enough to be no word. */
const PARTS_OF_A_KEY = /[A-Za-z0-9+/]{16,}/g;

/** The error, if it refuses as it should. */
async function refusalOf({ read, errors = [] }: Parser, text: string): Promise<Error | undefined> {
  try {
    await read(text);
    return undefined;
  } catch (error) {
    if (error instanceof Error && errors.some((known) => error instanceof known)) return error;
    throw error;
  }
}

describe.each(parsers)("$name", (parser) => {
  it("is read where it is right", async () => {
    for (const example of parser.examples.slice(0, 1)) await parser.read(example);
  });

  it(
    "is read or refused, whatever it is",
    async () => {
      await fc.assert(
        fc.asyncProperty(textLike(parser.examples), async (text) => {
          const refusal = await refusalOf(parser, text);
          if (refusal === undefined) return;
          expect(refusal.message).not.toBe("");
          if (parser.isSecret !== true) return;
          for (const [part] of text.matchAll(PARTS_OF_A_KEY)) {
            expect(refusal.message).not.toContain(part);
          }
        }),
        parameters,
      );
    },
    TIMEOUT_MS,
  );
});
