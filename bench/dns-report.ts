/** The DNS bench in words. Bench. */
import type { Section } from "./section";
import { maximum, median } from "./statistics";
import { fixed, table } from "./table";

export interface DnsResult {
  readonly title: string;
  /** Of each certificate. */
  readonly names: number;
  readonly laps: readonly DnsLap[];
}

interface DnsLap {
  readonly milliseconds: number;
  readonly hookCalls: number;
  readonly requests: number;
}

/** @param waitMs - how long a record takes to appear, the unit in which clients are compared */
export function describeDns(
  results: readonly DnsResult[],
  waitMs: number,
  legoVersion: string,
): Section {
  const [ours] = results;
  const waits = ours?.laps.map(({ milliseconds }) => milliseconds / waitMs) ?? [];
  return {
    title: "dns-01: pulumi-acme and lego with one hook",
    text: [
      `A TXT record is there ${fixed(waitMs / 1000)} s after the hook was called: one wait. Both look whether it is before they`,
      "go to the CA. pulumi-acme waits once for all names of a certificate; lego, with its `exec`, for one name after the",
      "other. As it is shipped it sleeps a minute between two names, too, and looks every 2 s; at its fastest not at all, and",
      `every second. The last columns are per certificate, without the registration. lego: ${legoVersion.replace(/\s+/g, " ")}.`,
      "",
      table(
        ["", "names", "runs", "median s", "max s", "waits", "per name", "hook calls", "requests"],
        results.map((result) => row(result, waitMs)),
      ),
    ].join("\n"),
    targets: [
      {
        what: `${String(ours?.names)} names by dns-01, in waits for DNS (median)`,
        wanted: "below 1.5",
        measured: fixed(median(waits), 2),
        met: median(waits) < 1.5,
      },
    ],
  };
}

function row({ title, names, laps }: DnsResult, waitMs: number): string[] {
  const times = laps.map(({ milliseconds }) => milliseconds);
  const typical = median(times);
  return [
    title,
    String(names),
    String(laps.length),
    fixed(typical / 1000, 1),
    fixed(maximum(times) / 1000, 1),
    fixed(typical / waitMs, 2),
    fixed(typical / waitMs / names, 2),
    fixed(median(laps.map(({ hookCalls }) => hookCalls))),
    fixed(median(laps.map(({ requests }) => requests))),
  ];
}
