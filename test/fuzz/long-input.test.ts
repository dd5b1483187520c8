/** Whoever sends much must not stop everything: no timeout counts while the event loop stands still. */
import { Duplex } from "node:stream";

import { describe, expect, it } from "vitest";

import { START_TLS, startTls } from "../../sdk/deploy/starttls";
import { parsers } from "./parsers";

const MIB = 1024 * 1024;
/** Quadratic code takes minutes for a MiB. */
const LIMIT_MS = 10_000;

const FILLINGS = [
  ...Array.from("<({[\"'\\/-.,:;=*$@ \t\r\n\0aA1\ufffd"),
  ...[
    '\\"',
    "\\n",
    "\r\n",
    "*a",
    "a.",
    "a,",
    "a ",
    "a=",
    "<a ",
    "[[\n",
    "[=[",
    "--[[\n",
    "a{",
    "$a",
  ],
  ...["-----BEGIN A-----\n", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN ", "<style>", '{"a":'],
  ...[
    "no ",
    "host key ",
    "nginx ",
    "nginx/1.",
    " in /a",
    "[warn] ",
    "[emerg] ",
    ";rel=a",
    "|1|a|",
    "::",
    "%41",
    "1.1.",
  ],
];

/** Whether `read` takes as long as it may, whatever it says in the end. */
async function expectQuick(what: string, read: () => unknown): Promise<void> {
  const since = process.hrtime.bigint();
  await Promise.resolve()
    .then(read)
    .catch(() => undefined);
  const took = Number(process.hrtime.bigint() - since) / 1e6;
  expect(took, JSON.stringify(what)).toBeLessThan(LIMIT_MS);
}

describe.each(parsers)("a MiB of anything for $name", ({ read, openings = [] }) => {
  it("is read in time that grows with its length alone", { timeout: 120_000 }, async () => {
    for (const opening of ["", ...openings]) {
      for (const filling of FILLINGS) {
        // The end is what a pattern that goes back does not find.
        const text = `${opening}${filling.repeat(MIB / filling.length)}\u0001`;
        await expectQuick(opening + filling, () => read(text));
      }
    }
  });
});

describe("a server that talks without end before TLS", () => {
  it.each(START_TLS)("is given up, for %s", { timeout: 120_000 }, async (protocol) => {
    for (const filling of [
      "0x",
      "x",
      "0\u0002\u0001\u0001x",
      "<proceed",
      "220 ",
      "a OK",
      "\n",
      "a NO",
    ]) {
      const chunk = Buffer.from(filling.repeat(64), "latin1");
      await expectQuick(filling, async () => {
        let sent = 0;
        const socket = new Duplex({
          read() {
            sent += chunk.length;
            this.push(sent > 128 * 1024 ? null : chunk);
          },
          write: (_data, _encoding, done) => {
            done();
          },
        });
        await startTls(protocol, socket, "a.example");
      });
    }
  });
});
