/** TXT records by a user's program. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { DnsExecArguments } from "../../../../../sdk/challenges/dns-01/providers/exec/arguments";
import { createProvider as exec } from "../../../../../sdk/challenges/dns-01/providers/exec/provider";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import { isAlive } from "../../../../support/process/process-tree";
import { temporaryDirectory, type TemporaryDirectory } from "../../../../support/process/temp";

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

const logPath = (): string => join(directory.path, "log");
const log = (): string[] =>
  existsSync(logPath()) ? readFileSync(logPath(), "utf8").trimEnd().split("\n") : [];

/** A hook that does `script`; `$LOG` is where it may write. */
function hook(script: string, options: Partial<DnsExecArguments> = {}) {
  const path = join(directory.path, "hook.sh");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  const { environment, ...rest } = options;
  return exec({ command: [path], environment: { LOG: logPath(), ...environment }, ...rest });
}

const context = providerContext();

describe("a DNS hook program", () => {
  it("is called as lego calls it: action, record name with a dot, value", async () => {
    const provider = hook('echo "$# $*" >> "$LOG"');
    const record = dnsRecord("a.example");
    await provider.add([record], context);
    await provider.remove([record], context);
    const rest = `_acme-challenge.a.example. ${record.value}`;
    expect(log()).toEqual([`3 present ${rest}`, `3 cleanup ${rest}`]);
  });

  it("is called as lego calls it in raw mode: action, --, domain, token, key authorization", async () => {
    const provider = hook('echo "$# $*" >> "$LOG"', { mode: "raw" });
    const record = dnsRecord("a.example");
    await provider.add([record], context);
    expect(log()).toEqual([`5 present -- a.example ${record.token} ${record.keyAuthorization}`]);
  });

  it("gets its own first arguments before ours, without a shell in between", async () => {
    const path = join(directory.path, "hook.sh");
    writeFileSync(path, '#!/bin/sh\nprintf "%s\\n" "$1" "$2" > "$LOG"\n', { mode: 0o755 });
    const command = [path, "$(touch nothing); it's"];
    const provider = exec({ command, environment: { LOG: logPath() } });
    await provider.add([dnsRecord("a.example")], context);
    expect(log()).toEqual(["$(touch nothing); it's", "present"]);
  });

  it("finds the variables of certbot's hooks, and what it said itself before", async () => {
    const provider = hook(
      'echo "$1 $CERTBOT_DOMAIN $CERTBOT_IDENTIFIER $CERTBOT_VALIDATION $CERTBOT_REMAINING_CHALLENGES $CERTBOT_ALL_DOMAINS [$CERTBOT_AUTH_OUTPUT]" >> "$LOG"\n' +
        '[ "$1" = cleanup ] || echo "made record of $CERTBOT_DOMAIN"',
    );
    const [a, b] = [dnsRecord("a.example"), dnsRecord("b.example")];
    await provider.add([a, b], context);
    await provider.remove([a, b], context);
    const all = "a.example,b.example";
    expect(log()).toEqual([
      `present a.example a.example ${a.value} 1 ${all} []`,
      `present b.example b.example ${b.value} 0 ${all} []`,
      `cleanup a.example a.example ${a.value} 1 ${all} [made record of a.example]`,
      `cleanup b.example b.example ${b.value} 0 ${all} [made record of b.example]`,
    ]);
  });

  it("never runs twice at a time, not even for two certificates", async () => {
    const provider = hook('echo "begin" >> "$LOG"; sleep 0.05; echo "end" >> "$LOG"');
    const same = hook('echo "begin" >> "$LOG"; sleep 0.05; echo "end" >> "$LOG"');
    await Promise.all([
      provider.add([dnsRecord("a.example"), dnsRecord("b.example")], context),
      same.add([dnsRecord("c.example")], context),
    ]);
    expect(log()).toEqual(["begin", "end", "begin", "end", "begin", "end"]);
  });

  it("that fails is shown with the end of what it said; the other names are tried all the same", async () => {
    const provider = hook(
      'echo "$2" >> "$LOG"\ncase $2 in *bad*) echo "looking for the zone"; echo "no such zone" >&2; exit 3;; esac',
    );
    const names = ["bad1.example", "good.example", "bad2.example"];
    const add = provider.add(names.map(dnsRecord), context);
    await expect(add).rejects.toMatchObject({
      errors: [
        {
          message: expect.stringMatching(
            /^present of _acme-challenge\.bad1\.example: the hook .*hook\.sh ended with exit code 3: looking for the zone no such zone$/,
          ) as string,
        },
        { message: expect.stringContaining("_acme-challenge.bad2.example") as string },
      ],
    });
    expect(log()).toHaveLength(3);
  });

  it("that writes a megabyte and fails is shown by its end alone", async () => {
    const provider = hook(
      "head -c 1000000 /dev/zero | tr '\\0' 'x'; echo; echo 'the last words' >&2; exit 1",
    );
    const error: unknown = await provider
      .add([dnsRecord("a.example")], context)
      .catch((e: unknown) => e);
    expect((error as Error).message).toMatch(/exit code 1: …x+ the last words$/);
    expect((error as Error).message.length).toBeLessThan(1000);
  });

  it("that writes a megabyte and succeeds has succeeded", async () => {
    const provider = hook("head -c 1000000 /dev/zero | tr '\\0' 'x'");
    await provider.add([dnsRecord("a.example")], context);
  });

  it("that hangs is stopped with all that it started, and its words are shown", async () => {
    const provider = hook('echo "waiting for the lock"; sleep 60 & echo $! >> "$LOG"; wait', {
      timeout: "500ms",
    });
    await expect(provider.add([dnsRecord("a.example")], context)).rejects.toThrow(
      /^present of _acme-challenge\.a\.example: the hook .*hook\.sh did not end within 500 ms, and was stopped: waiting for the lock$/,
    );
    await expect.poll(() => isAlive(Number(log()[0]))).toBe(false);
  });

  it("that leaves a daemon behind does not hold us", async () => {
    const provider = hook('sleep 5 & echo $! >> "$LOG"');
    const started = Date.now();
    await provider.add([dnsRecord("a.example")], context);
    expect(Date.now() - started).toBeLessThan(4000);
    process.kill(Number(log()[0]), "SIGKILL");
  });

  it("gets secrets by its environment, and does not get them into an error", async () => {
    const provider = hook('echo "token $API_TOKEN is refused" >&2; exit 1', {
      environment: { API_TOKEN: "very-secret-token" },
    });
    await expect(provider.add([dnsRecord("a.example")], context)).rejects.toThrow(
      /exit code 1: token \[secret\] is refused$/,
    );
    expect(provider.label).not.toContain("very-secret-token");
  });

  it("that is not there is named", async () => {
    const provider = exec({ command: ["/nowhere/hook"] });
    await expect(provider.add([dnsRecord("a.example")], context)).rejects.toThrow(
      /the hook \/nowhere\/hook could not be started: .*ENOENT/,
    );
  });

  it("is stopped when the run is", async () => {
    const controller = new AbortController();
    const provider = hook('echo $$ >> "$LOG"; sleep 60');
    const add = provider.add([dnsRecord("a.example")], { ...context, signal: controller.signal });
    const settled = expect(add).rejects.toThrow(/^interrupted$/);
    while (log().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort(new Error("interrupted"));
    await settled;
    await expect.poll(() => isAlive(Number(log()[0]))).toBe(false);
  });
});
