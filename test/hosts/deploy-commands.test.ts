/** The user's test and reload commands: what they say is heard, and nothing of them outlives their limit. */
import { randomInt } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { applyPlan, type Plan } from "../../sdk/deploy";
import { unpack } from "../../sdk/deploy/records";
import { type Host, withHost } from "../../sdk/hosts";
import { commandLine, processesWithArgument } from "../support/process/process-tree";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { listener, places, planIn, SHELLS } from "../support/ssh/deploy-host";
import { payloadOf, startProgram, until } from "../support/ssh/deploy-program";
import { startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser } from "../support/ssh/system-user";

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

    it("that tests runs once more where it fails: meanwhile others may have switched what it reads", async () => {
      const ran = join(beside, "ran");
      const test = `echo x >>'${ran}'; [ "$(wc -l <'${ran}')" -gt 1 ] || { echo 'key values mismatch'; exit 1; }`;
      const applied = await applyPlan(host, plan("1", { test }), listener());
      expect(applied.changed).toBe(true);
      expect(applied.testOutput).toBe("");
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

    it("that is stopped at its limit takes along all that it started", async () => {
      await stopsWholly(host, "test");
    });
  });
}

describeUnless(cannotMakeUsers(), "over SSH, as root by sudo,", () => {
  it.each(["ssh2", "openssh"] as const)(
    "a command that is stopped at its limit takes along all that it started: %s",
    async (transport) => {
      const user = await createSystemUser({ sudo: "without-password" });
      const sshd = await startSshd({ user: user.name });
      try {
        await withHost({ ...sshd.connection, sudo: true, transport }, (host) =>
          stopsWholly(host, "reload"),
        );
      } finally {
        await sshd.stop();
        await user.remove();
      }
    },
  );
});

/** Starts children and grandchildren: some in groups or sessions of their own, some that ignore SIGTERM. */
async function stopsWholly(host: Host, kind: "test" | "reload"): Promise<void> {
  const mark = String(randomInt(1e6, 1e7));
  const command = [
    `sh -c 'sleep ${mark}1; true' &`,
    `(trap "" TERM; sleep ${mark}2; true) &`,
    `timeout 5000 sleep ${mark}3 &`,
    `setsid sh -c 'sleep ${mark}4; true' &`,
    `sh -c 'sleep ${mark}5 & wait'`,
  ].join("\n");
  const talk = await startProgram(host);
  await talk.write(payloadOf(planIn(folder, "1", { [kind]: command }), mark, 20, 4));
  if (kind === "reload") {
    await until(talk, "ready");
    await talk.write("reload\n");
  }
  const sleeps = ["1", "2", "3", "4", "5"].map((number) => `sleep ${mark}${number}`);
  await expect
    .poll(() => running(mark), { timeout: 15_000 })
    .toEqual(expect.arrayContaining(sleeps));
  const [, step, , said] = await until(talk, "failed", "done");
  expect([unpack(step), unpack(said)]).toEqual([kind, "it did not end in time, and was stopped\n"]);
  await talk.end();
  await expect.poll(() => running(mark)).toEqual([]);
}

function running(mark: string): string[] {
  return processesWithArgument(mark).map(commandLine);
}
