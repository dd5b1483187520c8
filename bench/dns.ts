/** `npm run bench -- dns`: certificates by dns-01 where records take a while to appear, ours and lego's. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startPebble } from "../test/support/ca/pebble";
import { temporaryDirectory } from "../test/support/process/temp";
import { missingTools, toolPath } from "../test/support/process/tool-paths";
import { lego, ours, type Prepare } from "./dns-clients";
import { freshNames, verify } from "./fixture";
import { fixed, maximum, median, table, type Say, type Section } from "./report";
import { installSlowHook } from "./slow-hook";

/** Short for a DNS host; long against all that is not waiting. */
const DELAY_MS = 9500;

interface Client {
  readonly title: string;
  readonly names: number;
  readonly runs: number;
  readonly prepare: Prepare;
}

interface DnsResult {
  readonly title: string;
  /** Of each certificate. */
  readonly names: number;
  readonly samples: readonly DnsSample[];
}

interface DnsSample {
  readonly milliseconds: number;
  readonly hookCalls: number;
  readonly requests: number;
}

// lego knows whole seconds: this is as long as it has to wait, and no longer.
const EXEC_POLLING_INTERVAL = "10";

const clients: readonly Client[] = [
  { title: "pulumi-acme", names: 10, runs: 5, prepare: ours },
  {
    title: "lego, no pause between names",
    names: 10,
    runs: 1,
    prepare: lego({ EXEC_POLLING_INTERVAL, EXEC_SEQUENCE_INTERVAL: "0" }),
  },
  {
    title: "lego, its own pause of a minute",
    // Ten would take more than ten minutes.
    names: 2,
    runs: 1,
    prepare: lego({ EXEC_POLLING_INTERVAL }),
  },
];

export async function dns(say: Say): Promise<Section> {
  const missing = missingTools("lego", "bash");
  if (missing !== undefined) {
    return { title: "dns-01", text: `Not measured: ${missing}`, targets: [] };
  }
  say("all at once, because they mostly wait: two minutes");
  return describeDns(await Promise.all(clients.map(measure)), DELAY_MS, await legoVersion());
}

/** One certificate after the other, at a CA of its own. */
async function measure({ title, names, runs, prepare }: Client): Promise<DnsResult> {
  await using folder = await temporaryDirectory("bench-");
  const pebble = await startPebble();
  const hook = await installSlowHook(folder.path, pebble.dns, DELAY_MS);
  try {
    const obtain = await prepare(pebble, hook.path);
    const samples: DnsSample[] = [];
    while (samples.length < runs) {
      const wanted = freshNames(names);
      const before = { calls: hook.calls(), requests: pebble.requests().length };
      const started = performance.now();
      verify(await obtain(wanted), wanted);
      const milliseconds = performance.now() - started;
      const sent = pebble.requests().slice(before.requests);
      samples.push({
        milliseconds,
        hookCalls: hook.calls() - before.calls,
        // lego registers an account on the way.
        requests: sent.filter(({ path }) => path !== "/sign-me-up").length,
      });
    }
    return { title, names, samples };
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

/** @param delayMs - how long a record takes to appear: the unit in which clients are compared */
function describeDns(results: readonly DnsResult[], delayMs: number, legoVersion: string): Section {
  const [ours] = results;
  const waits = ours?.samples.map(({ milliseconds }) => milliseconds / delayMs) ?? [];
  return {
    title: "dns-01: pulumi-acme and lego with one hook",
    text: [
      `A TXT record is there ${fixed(delayMs / 1000, 1)} s after the hook was called: one wait. pulumi-acme looks whether it is, and waits`,
      "once for all names of a certificate. lego's `exec` goes from name to name; it does not look here, but is told how many",
      "whole seconds to wait, and asks the CA a second time whether a name is valid only some 5 s after the first. requests:",
      "to the CA, per certificate, without the registration. Hook calls include those that clean up.",
      `lego: ${legoVersion}.`,
      "",
      table(
        ["", "names", "runs", "median s", "max s", "waits", "per name", "hook calls", "requests"],
        results.map((result) => row(result, delayMs)),
      ),
    ].join("\n"),
    targets: [
      {
        what: `${String(ours?.names)} names by dns-01, in waits for DNS (median)`,
        wanted: "at most 1.2",
        measured: fixed(median(waits), 2),
        met: median(waits) <= 1.2,
      },
    ],
  };
}

function row({ title, names, samples }: DnsResult, delayMs: number): string[] {
  const times = samples.map(({ milliseconds }) => milliseconds);
  const typical = median(times);
  return [
    title,
    String(names),
    String(samples.length),
    fixed(typical / 1000, 1),
    fixed(maximum(times) / 1000, 1),
    fixed(typical / delayMs, 2),
    fixed(typical / delayMs / names, 2),
    fixed(median(samples.map(({ hookCalls }) => hookCalls))),
    fixed(median(samples.map(({ requests }) => requests))),
  ];
}
