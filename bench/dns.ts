/** `npm run bench -- dns`: certificates by dns-01 where records take a while to appear, ours and lego's. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startPebble } from "../test/support/ca/pebble";
import { temporaryDirectory } from "../test/support/process/temp";
import { missingTools, toolPath } from "../test/support/process/tool-paths";
import { type Enter, lego, ours } from "./dns-contestants";
import { describeDns, type DnsLap, type DnsResult } from "./dns-report";
import { freshNames, verify } from "./names";
import type { Say, Section } from "./section";
import { installSlowHook } from "./slow-hook";

/** Short for a DNS host; long against all that is not waiting. */
const DELAY_MS = 9500;

interface Contestant {
  readonly title: string;
  readonly names: number;
  readonly runs: number;
  readonly enter: Enter;
}

// lego knows whole seconds: this is as long as it has to wait, and no longer.
const EXEC_POLLING_INTERVAL = "10";

const contestants: readonly Contestant[] = [
  { title: "pulumi-acme", names: 10, runs: 5, enter: ours },
  {
    title: "lego, no pause between names",
    names: 10,
    runs: 1,
    enter: lego({ EXEC_POLLING_INTERVAL, EXEC_SEQUENCE_INTERVAL: "0" }),
  },
  {
    title: "lego, its own pause of a minute",
    // Ten would take more than ten minutes.
    names: 2,
    runs: 1,
    enter: lego({ EXEC_POLLING_INTERVAL }),
  },
];

export async function dns(say: Say): Promise<Section> {
  const missing = missingTools("lego", "bash");
  if (missing !== undefined) {
    return { title: "dns-01", text: `Not measured: ${missing}`, targets: [] };
  }
  say("all at once, because they mostly wait: two minutes");
  return describeDns(await Promise.all(contestants.map(compete)), DELAY_MS, await legoVersion());
}

/** One certificate after the other, at a CA of its own. */
async function compete({ title, names, runs, enter }: Contestant): Promise<DnsResult> {
  await using folder = await temporaryDirectory("bench-");
  const pebble = await startPebble();
  const hook = await installSlowHook(folder.path, pebble.dns, DELAY_MS);
  try {
    const obtain = await enter(pebble, hook.path);
    const laps: DnsLap[] = [];
    while (laps.length < runs) {
      const wanted = freshNames(names);
      const before = { calls: hook.calls(), requests: pebble.requests().length };
      const started = performance.now();
      verify(await obtain(wanted), wanted);
      const milliseconds = performance.now() - started;
      const sent = pebble.requests().slice(before.requests);
      laps.push({
        milliseconds,
        hookCalls: hook.calls() - before.calls,
        // lego registers an account on the way.
        requests: sent.filter(({ path }) => path !== "/sign-me-up").length,
      });
    }
    return { title, names, laps };
  } finally {
    await hook.stop();
    await pebble.stop();
  }
}

/** Debian's says of itself that it is "dev". */
async function legoVersion(): Promise<string> {
  const ask = async (program: string, ...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(program, args);
    return stdout.trim().replace(/\s+/g, " ");
  };
  return ask("dpkg-query", "--show", "lego").catch(() => ask(toolPath("lego"), "--version"));
}
