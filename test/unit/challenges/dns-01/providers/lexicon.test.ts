/** How dns-lexicon is called; the real one is in `test/dns/lexicon.test.ts`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { lexiconWith } from "../../../../../sdk/challenges/dns-01/providers/lexicon/command";

it("lexicon is asked for its version once, by however many certificates", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lexicon-"));
  try {
    const log = join(folder, "calls");
    const command = ["sh", "-c", `echo "$1" >> "$0"; echo "lexicon 3.18.0"`, log];
    const lexicon = lexiconWith({ provider: "inwx", credentials: {}, command });
    const { signal } = new AbortController();
    await Promise.all([1, 2, 3].map(() => lexicon.check(signal)));
    await lexicon.check(signal);
    expect(readFileSync(log, "utf8")).toBe("--version\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
