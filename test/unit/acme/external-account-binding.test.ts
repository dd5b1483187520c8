import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHmacKey } from "../../../sdk/util/hmac-key";

describe("an HMAC key", () => {
  test("of any length is the same in either alphabet, padded or not, with white space", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        const standard = buffer.toString("base64");
        const padding = /=*$/.exec(standard)?.[0] ?? "";
        const forms = [
          standard,
          standard.slice(0, standard.length - padding.length),
          buffer.toString("base64url"),
          buffer.toString("base64url") + padding,
          `\t ${standard.slice(0, 3)}\r\n${standard.slice(3)} \n`,
        ];
        for (const form of forms) expect(decodeHmacKey(form)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  test.each(["", " \n", "=", "==", "A", "AAAAA", "AA===", "hello world!", "ab.cd", "abc=d"])(
    "%j is none",
    (text) => {
      expect(decodeHmacKey(text)).toBeUndefined();
    },
  );
});
