/** Daemons that run as a user of their own, and keys that they cannot use. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import type { Properties } from "../../../sdk/provider/engine/handler";
import type { Bench, Check, Daemon, Place } from "./service-test";
import { expect } from "vitest";

/** A folder that belongs to `user`, in `parent`. */
export function folderOf(user: string, parent: string, name = "own"): string {
  const path = join(parent, name);
  execFileSync("install", ["-d", "-o", user, "-m", "0755", path]);
  return path;
}

/** The command line as the daemon's unit runs it: as its own user. */
export function asUser(user: string, command: string, args: readonly string[]): Daemon {
  const own = ["--reuid", user, "--regid", user, "--init-groups", "--", command, ...args];
  return { command: "setpriv", args: own };
}

/** The new key alone, beside the former certificate. */
export function otherKey(group: string): () => Properties {
  return () => ({ files: [{ ...KEY, mode: "0640", group }] });
}

const KEY = { path: "privkey.pem", content: "privateKey" };

/** That a key of root's alone is refused with `words`. */
export function refusesRootsKey(
  bench: () => Bench,
  check: Check,
  words: RegExp,
  args: (place: Place) => Properties = () => ({}),
): void {
  check("refuses a key that its user cannot read", "unreadable key", async () => {
    const { refusal, served, last, place } = bench();
    const said = await refusal(() => ({
      ...args(place),
      files: [
        { path: "fullchain.pem", content: "fullchain" },
        { ...KEY, mode: "0600" },
      ],
    }));
    expect(said).toMatch(words);
    expect(said).toContain("the old files are in use again");
    await expect.poll(served, { timeout: 10_000 }).toBe(last());
  });
}
