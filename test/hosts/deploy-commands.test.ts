/** The user's test and reload commands: what they say is heard. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { applyPlan, type Plan } from "../../sdk/deploy";
import type { Host } from "../../sdk/hosts";
import { describeWithTools } from "../support/process/tools";
import { listener, places, planIn, SHELLS } from "../support/ssh/deploy-host";

let folder: string;
let beside: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, beside, remove } = await places());
});
afterEach(() => remove());

function plan(version: string, more: Partial<Plan> = {}): Plan {
  return planIn(folder, version, more);
}

for (const shell of SHELLS) {
  describeWithTools(shell.needs, `with ${shell.name}, a command`, () => {
    let host: Host;
    beforeEach(() => {
      host = shell.host(beside);
    });

    it("that fails after a lot of output, some of it binary, is quoted with its last lines", async () => {
      const long = "i=0; while [ $i -lt 3000 ]; do echo looking at $i; i=$((i + 1)); done";
      const binary = "head -c 5000 /dev/zero | tr '\\0' '\\377'; head -c 5000 /dev/zero";
      for (const kind of ["test", "reload"] as const) {
        const command = `${long}; ${binary}; echo; echo 'the key does not fit'; exit 4`;
        await expect(applyPlan(host, plan("1", { [kind]: command }), listener())).rejects.toThrow(
          /: \ufffd the key does not fit \(exit code 4\); the old files are in use/,
        );
        const other = `${binary}; ${long}; echo 'the key does not fit' >&2; exit 4`;
        await expect(applyPlan(host, plan("1", { [kind]: other }), listener())).rejects.toThrow(
          /: …[^\ufffd]+ looking at 2999 the key does not fit \(exit code 4\)/,
        );
      }
      expect(await readdir(join(folder, "ssl")).catch(() => [])).toEqual([]);
    });

    it("that succeeds is heard, too: a test may warn", async () => {
      const test = "echo 'nginx: [warn] conflicting server name' >&2; echo 'test is successful'";
      const applied = await applyPlan(host, plan("1", { test, reload: "echo done" }), listener());
      expect(applied.testOutput).toBe(
        "nginx: [warn] conflicting server name\ntest is successful\n",
      );
      // Nothing to do, so nothing ran.
      expect(await applyPlan(host, plan("1", { test }), listener())).not.toHaveProperty(
        "testOutput",
      );
    });
  });
}
