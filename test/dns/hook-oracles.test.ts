/** The contracts of hooks, with lego and certbot themselves as oracles: the same script, run by them and by us. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { dns01Solver, type DnsProvider } from "../../sdk/challenges/dns-01";
import { createProvider as exec } from "../../sdk/challenges/dns-01/providers/exec/provider";
import { createProvider as webhook } from "../../sdk/challenges/dns-01/providers/webhook/provider";
import { startHttpReq } from "../support/dns/httpreq";
import { type Pebble, startPebble } from "../support/ca/pebble";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { describeUnless, missingTools } from "../support/process/tools";
import { dnsProof, solverContext } from "../support/dns/records";

const run = promisify(execFile);
const names = ["example.test", "*.example.test", "www.example.test"];
const missing = missingTools("lego", "certbot", "pebble", "pebble-challtestsrv");

let pebble: Pebble;
let directory: TemporaryDirectory;
let caBundle: string;
let script: string;

const log = (): string[] => {
  const path = join(directory.path, "log");
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
};

/** What differs from run to run: values, tokens, key authorizations. */
function normalised(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/[\w-]{20,}\.[\w-]{43}/g, "KEYAUTH")
      .replace(/(?<![\w-])[\w-]{43}(?![\w-])/g, "VALUE")
      .replace(/(?<![\w-])[\w-]{22,}(?![\w-])/g, "TOKEN"),
  );
}

/** Proves the names by `provider` as an issuance does, without asking a CA. */
async function ours(provider: DnsProvider): Promise<void> {
  const solver = dns01Solver({
    provider,
    resolvers: [pebble.dns.dnsAddress],
    propagation: { check: "none" },
  });
  const proofs = names.map((name) => dnsProof(name.replace("*.", ""), name.startsWith("*.")));
  const presentation = await solver.present(proofs, solverContext());
  await presentation.cleanUp();
}

async function lego(provider: string, environment: Record<string, string>): Promise<void> {
  const path = join(directory.path, "lego");
  const domains = names.flatMap((name) => ["--domains", name]);
  await run(
    "lego",
    [
      ...[
        "--path",
        path,
        "--server",
        pebble.directoryUrl,
        "--accept-tos",
        "--email",
        "a@example.test",
      ],
      ...["--dns", provider, "--dns.disable-cp", "--dns.resolvers", pebble.dns.dnsAddress],
      ...[...domains, "run"],
    ],
    { env: { ...process.env, LEGO_CA_CERTIFICATES: caBundle, ...environment } },
  );
  rmSync(path, { recursive: true });
}

describeUnless(missing, "hooks are called by us as by", () => {
  beforeAll(async () => {
    // Nothing is validated: what the hooks are told is all that matters here.
    pebble = await startPebble({ alwaysValid: true });
  });
  afterAll(() => pebble.stop());
  beforeEach(async () => {
    directory = await temporaryDirectory();
    caBundle = join(directory.path, "ca.pem");
    writeFileSync(caBundle, pebble.caBundlePem);
    script = join(directory.path, "hook.sh");
    return () => directory.remove();
  });

  const hook = (body: string): void => {
    writeFileSync(script, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  };
  const atomically = (lines: readonly string[]): string[] => normalised(lines).sort();

  describe("lego", () => {
    it.each(["default", "raw"] as const)(
      "as a program, in %s mode",
      { timeout: 60_000 },
      async (mode) => {
        hook(`echo "$# $*" >> ${join(directory.path, "log")}`);
        await lego("exec", {
          EXEC_PATH: script,
          EXEC_SEQUENCE_INTERVAL: "0",
          ...(mode === "raw" ? { EXEC_MODE: "RAW" } : {}),
        });
        const theirs = log();
        expect(theirs).toHaveLength(6);
        rmSync(join(directory.path, "log"));
        await ours(exec({ command: [script], mode }));
        expect(atomically(log())).toEqual(atomically(theirs));
      },
    );

    it.each(["default", "raw"] as const)(
      "as a web service, in %s mode",
      { timeout: 60_000 },
      async (mode) => {
        const credentials = { username: "user", password: "a password" };
        const service = await startHttpReq(credentials);
        const calls = (): string[] =>
          atomically(service.calls.splice(0).map((call) => JSON.stringify(call)));
        try {
          await lego("httpreq", {
            HTTPREQ_ENDPOINT: `${service.url}/hooks`,
            HTTPREQ_USERNAME: credentials.username,
            HTTPREQ_PASSWORD: credentials.password,
            ...(mode === "raw" ? { HTTPREQ_MODE: "RAW" } : {}),
          });
          const theirs = calls();
          expect(theirs).toHaveLength(6);
          await ours(webhook({ url: `${service.url}/hooks`, ...credentials, mode }));
          expect(calls()).toEqual(theirs);
        } finally {
          await service.stop();
        }
      },
    );
  });

  it("certbot, by environment variables", { timeout: 120_000 }, async () => {
    hook(
      `echo "[$CERTBOT_DOMAIN] [$CERTBOT_VALIDATION] [$CERTBOT_TOKEN] [$CERTBOT_REMAINING_CHALLENGES] [$CERTBOT_ALL_DOMAINS] [$CERTBOT_AUTH_OUTPUT]" >> ${join(directory.path, "log")}\n` +
        'echo "made $CERTBOT_DOMAIN"',
    );
    const folders = ["config", "work", "logs"].flatMap((name) => [
      `--${name}-dir`,
      join(directory.path, name),
    ]);
    await run(
      "certbot",
      [
        ...["certonly", "--non-interactive", "--agree-tos", "--register-unsafely-without-email"],
        ...["--server", pebble.directoryUrl, "--manual", "--preferred-challenges", "dns"],
        ...["--manual-auth-hook", script, "--manual-cleanup-hook", script, ...folders],
        ...names.flatMap((name) => ["-d", name]),
      ],
      { env: { ...process.env, REQUESTS_CA_BUNDLE: caBundle } },
    );
    const theirs = log();
    expect(theirs).toHaveLength(6);
    rmSync(join(directory.path, "log"));
    await ours(exec({ command: [script] }));
    // In which order the CA names the authorizations is the CA's affair.
    const shape = (lines: readonly string[]): string[] =>
      atomically(lines.map((line) => line.replace(/\[([\w.]+,)+[\w.]+\]/, sortedList)));
    const withoutOrder = (lines: readonly string[]): string[] =>
      shape(lines)
        .map((line) => line.replace(/^(\[[\w.]+\]) (\[\w+\] \[\]) \[\d\]/, "$1 $2 [n]"))
        .sort();
    expect(withoutOrder(log())).toEqual(withoutOrder(theirs));
    const counts = (lines: readonly string[]): string[] =>
      lines.map((line) => /\] \[(\d)\] \[/.exec(line)?.[1] ?? "");
    expect(counts(log())).toEqual(counts(theirs));
  });
});

function sortedList(list: string): string {
  return `[${list.slice(1, -1).split(",").sort().join(",")}]`;
}
