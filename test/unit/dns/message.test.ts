/** What counts as a reply to a question, and which names in it are taken. */
import { describe, expect, it } from "vitest";

import { decodeReply, encodeQuery, encodeUpdate, isReplyTo } from "../../../sdk/dns/message";
import { replyTo, wireName, wireQuestion } from "../../support/dns/messages";

const question = { name: "www.example.test", type: "A", recurse: false } as const;
const query = encodeQuery(7, question, true);
const asked = ["www", "example", "test"];

describe("a question", () => {
  it("says that 1232 bytes may be answered over UDP", () => {
    const plain = encodeQuery(7, question, false);
    expect(query.readUInt16BE(10)).toBe(1);
    const opt = query.subarray(plain.length);
    expect([...opt]).toEqual([0, 0, 41, 1232 >> 8, 1232 & 0xff, 0, 0, 0, 0, 0, 0]);
  });
});

describe("a reply", () => {
  it("has the id and the question, whatever the case of its letters", () => {
    expect(isReplyTo(query, replyTo(query))).toBe(true);
    const inCapitals = wireQuestion(["WWW", "eXample", "test"], "A");
    expect(isReplyTo(query, replyTo(query, { question: inCapitals }))).toBe(true);
    expect(isReplyTo(query, replyTo(encodeQuery(8, question, true)))).toBe(false);
    expect(isReplyTo(query, query)).toBe(false);
  });

  it.each([
    ["another name", wireQuestion(["something", "else"], "A")],
    ["another type", wireQuestion(asked, "TXT")],
    ["a name that goes on", wireQuestion([...asked, "more"], "A")],
    ["no question", Buffer.alloc(0)],
  ])("about %s is none (RFC 5452 §9.1)", (_what, other) => {
    expect(isReplyTo(query, replyTo(query, { question: other }))).toBe(false);
  });

  it("that is an error, or to an update, may come without the question", () => {
    const none = Buffer.alloc(0);
    expect(isReplyTo(query, replyTo(query, { question: none, rcode: 1 }))).toBe(true);
    const update = encodeUpdate(7, "example.test", "add", []);
    expect(isReplyTo(update, replyTo(update, { question: none }))).toBe(true);
  });
});

describe("a name in a reply", () => {
  const withTarget = (labels: readonly string[], type: "CNAME" | "DNAME" | "NS" = "CNAME") =>
    replyTo(query, { answers: [{ name: asked, type, data: wireName(labels) }] });

  it.each([[["_acme-challenge", "a-1", "xn--bcher-kva", "TEST"]], [[]]])(
    "is made of letters, digits, hyphens and underscores: %j",
    (labels) => {
      const [record] = decodeReply(withTarget(labels)).answers;
      expect(record?.text).toBe(labels.join(".").toLowerCase());
    },
  );

  it.each([
    ["a command", ["-x$(touch /tmp/pwn)", "example"]],
    ["an escape sequence", ["\u001b[31m", "example"]],
    ["a quote", ['a"b', "example"]],
    ["a blank", ["a b"]],
    ["a dot within a label", ["a.b", "example"]],
    ["a byte beyond ASCII", ["b\u00fccher"]],
  ])("with %s is refused: it would go to hooks", (_what, labels) => {
    for (const type of ["CNAME", "DNAME", "NS"] as const) {
      expect(() => decodeReply(withTarget(labels, type))).toThrow(`a ${type} with the name "`);
    }
  });

  it("is refused as the owner of a record, too", () => {
    const data = Buffer.from([192, 0, 2, 1]);
    const reply = replyTo(query, { answers: [{ name: ["a b", "test"], type: "A", data }] });
    expect(() => decodeReply(reply)).toThrow('a record with the name "a b.test"');
  });
});
