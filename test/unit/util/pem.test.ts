/** PEM text: which blocks it has, and that reading it never takes more than linear time. */
import { describe, expect, it } from "vitest";
import { decodeBase64, encodePem, readPem } from "../../../sdk/util/pem";

const ONE = encodePem("CERTIFICATE", Buffer.from("one"));
const KEY = encodePem("PRIVATE KEY", Buffer.from("key"));

describe("PEM text", () => {
  it("is read as blocks, with their labels, and the text outside of them", () => {
    const { blocks, outside, isDamaged } = readPem(`Bag Attributes\n${ONE}# key\n${KEY}`);
    expect(blocks.map(({ label }) => label)).toEqual(["CERTIFICATE", "PRIVATE KEY"]);
    expect(blocks.map(({ text }) => `${text}\n`)).toEqual([ONE, KEY]);
    expect(blocks.map(({ body }) => decodeBase64(body)?.toString())).toEqual(["one", "key"]);
    expect(outside).toBe("Bag Attributes\n\n# key");
    expect(isDamaged).toBe(false);
  });

  it("may have no line break between blocks, as files that were joined", () => {
    expect(readPem(ONE.trim() + KEY.trim()).blocks).toHaveLength(2);
  });

  it.each([
    ["without an end", ONE.slice(0, -10)],
    ["with another label at its end", ONE.replace("END CERTIFICATE", "END PRIVATE KEY")],
    ["that begins within another", ONE.replace("\n", `\n${ONE}`)],
  ])("says that a block %s is damaged", (_, pem) => {
    expect(readPem(pem).isDamaged).toBe(true);
  });

  // A pattern that goes back over the text would take minutes for each.
  it.each(["<", "\n", "-", " ", "-----BEGIN ", "-----BEGIN X-----", "-----BEGIN X-----\n"])(
    "of 4 MiB of %j is read at once",
    (unit) => {
      const { blocks } = readPem(unit.repeat((4 * 1024 * 1024) / unit.length));
      expect(blocks).toEqual([]);
    },
  );
});
