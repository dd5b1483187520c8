/** `npm run bench -- dns`: a certificate by dns-01 where records take a while to appear, ours and lego's. Bench. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startPebble } from "../test/support/pebble";
import { temporaryDirectory } from "../test/support/temp";
import { missingTools, toolPath } from "../test/support/tool-paths";
import { type Enter, lego, ours } from "./dns-contestants";
import { describeDns, type DnsResult } from "./dns-report";
import { type Hook, installHook } from "./hook";
import { freshNames, verify } from "./names";
import type { Say, Section } from "./section";
import { RESOLVER, type SlowZone, startSlowZone } from "./slow-zone";

/** Short for a DNS host; long against all that is not waiting. */
const WAIT_MS = 10_000;

interface Contestant {
  readonly title: string;
  readonly names: number;
  readonly runs: number;
  readonly enter: Enter;
}

const contestants: readonly Contestant[] = [
  { title: "pulumi-acme", names: 10, runs: 5, enter: ours },
  {
    title: "lego, at its fastest",
    names: 10,
    runs: 1,
    enter: lego({ EXEC_SEQUENCE_INTERVAL: "0", EXEC_POLLING_INTERVAL: "1" }),
  },
  // Ten names would take ten minutes.
  { title: "lego, as it is shipped", names: 2, runs: 1, enter: lego({}) },
];

export async function dns(say: Say): Promise<Section> {
  const missing = missingTools("lego", "bash");
  if (missing !== undefined) return notMeasured(missing);
  let zone: SlowZone;
  try {
    zone = await startSlowZone(WAIT_MS);
  } catch (error) {
    // lego looks for name servers there, and nowhere else.
    return notMeasured(`no DNS server can be started at ${RESOLVER}: ${String(error)}`);
  }
  await using folder = await temporaryDirectory("bench-");
  const calls: string[] = [];
  const hook = await installHook(folder.path, (action, name, value) => {
    calls.push(name);
    if (action === "present") zone.add(name, value);
    else zone.remove(name, value);
  });
  try {
    say(`${String(contestants.length)} at once, which mostly wait: two minutes`);
    const results = await Promise.all(
      contestants.map((contestant) => compete(contestant, hook, calls)),
    );
    return describeDns(results, WAIT_MS, await legoVersion());
  } finally {
    await hook.stop();
    await zone.stop();
  }
}

function notMeasured(reason: string): Section {
  return { title: "dns-01", text: `Not measured: ${reason}`, targets: [] };
}

/** One after the other, at a CA of its own. */
async function compete(
  { title, names, runs, enter }: Contestant,
  hook: Hook,
  calls: readonly string[],
): Promise<DnsResult> {
  const pebble = await startPebble({ resolver: RESOLVER });
  try {
    const obtain = await enter(pebble, hook.path);
    const laps: DnsResult["laps"][number][] = [];
    while (laps.length < runs) {
      const wanted = freshNames(names);
      const domain = /\..*/.exec(wanted[0] ?? "")?.[0] ?? "";
      const before = pebble.requests().length;
      const started = performance.now();
      verify(await obtain(wanted), wanted);
      laps.push({
        milliseconds: performance.now() - started,
        hookCalls: calls.filter((name) => name.endsWith(domain)).length,
        // lego registers an account on the way.
        requests: pebble
          .requests()
          .slice(before)
          .filter(({ path }) => path !== "/sign-me-up").length,
      });
    }
    return { title, names, laps };
  } finally {
    await pebble.stop();
  }
}

/** Debian's says of itself that it is "dev". */
async function legoVersion(): Promise<string> {
  const run = promisify(execFile);
  const ask = (program: string, ...args: string[]): Promise<string> =>
    run(program, args).then(({ stdout }) => stdout.trim());
  return ask("dpkg-query", "--show", "lego").catch(() => ask(toolPath("lego"), "--version"));
}
