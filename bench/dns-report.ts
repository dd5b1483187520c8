/** The DNS bench in words. */
import type { Section } from "./section";
import { maximum, median } from "./statistics";
import { fixed, table } from "./table";

export interface DnsResult {
  readonly title: string;
  /** Of each certificate. */
  readonly names: number;
  readonly laps: readonly DnsLap[];
}

export interface DnsLap {
  readonly milliseconds: number;
  readonly hookCalls: number;
  readonly requests: number;
}

/** @param delayMs - how long a record takes to appear: the unit in which clients are compared */
export function describeDns(
  results: readonly DnsResult[],
  delayMs: number,
  legoVersion: string,
): Section {
  const [ours] = results;
  const waits = ours?.laps.map(({ milliseconds }) => milliseconds / delayMs) ?? [];
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
        wanted: "below 1.5",
        measured: fixed(median(waits), 2),
        met: median(waits) < 1.5,
      },
    ],
  };
}

function row({ title, names, laps }: DnsResult, delayMs: number): string[] {
  const times = laps.map(({ milliseconds }) => milliseconds);
  const typical = median(times);
  return [
    title,
    String(names),
    String(laps.length),
    fixed(typical / 1000, 1),
    fixed(maximum(times) / 1000, 1),
    fixed(typical / delayMs, 2),
    fixed(typical / delayMs / names, 2),
    fixed(median(laps.map(({ hookCalls }) => hookCalls))),
    fixed(median(laps.map(({ requests }) => requests))),
  ];
}
