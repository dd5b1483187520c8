/** The issuing bench in words, and its promises. */
import type { Client } from "./client";
import type { Comparison, Figures, RequestCount } from "./compare";
import { fixed, ratio, table, type Target } from "./report";

export interface ColdResult {
  readonly title: string;
  readonly client: Client;
  /** From the start of the process to the certificate. */
  readonly milliseconds: number;
  readonly counts: RequestCount;
}

interface Column {
  readonly title: string;
  readonly value: (figures: Figures) => number;
  readonly digits?: number;
}

const times: readonly Column[] = [
  { title: "p50 ms", value: ({ p50 }) => p50 },
  { title: "p95 ms", value: ({ p95 }) => p95 },
  { title: "max ms", value: ({ max }) => max },
];

const requests: readonly Column[] = [
  { title: "requests", value: ({ needed }) => needed },
  { title: "+ nonces", value: ({ nonces }) => nonces },
  { title: "+ later polls", value: ({ laterPolls }) => laterPolls, digits: 2 },
];

const memory: Column = {
  title: "peak RSS MB",
  value: ({ peakRss }) => peakRss / 1e6,
};

export function describeComparisons(results: readonly Comparison[]): string {
  return describe(results, [...times, ...requests, memory]);
}

/** Where nonces are refused a request that comes again is not always a poll: only the sum is told. */
export function describeComparisonsWithRefusedNonces(results: readonly Comparison[]): string {
  const sum: Column = {
    title: "all requests",
    value: ({ allRequests }) => allRequests,
    digits: 2,
  };
  return describe(results, [...times, sum]);
}

function describe(results: readonly Comparison[], columns: readonly Column[]): string {
  const rows = results.flatMap(({ title, ours, theirs }) => {
    const row = (client: string, figures: Figures): string[] => [
      client,
      String(figures.orders),
      ...columns.map(({ value, digits = 0 }) => fixed(value(figures), digits)),
    ];
    return [
      [title],
      row("  pulumi-acme", ours),
      row("  acme-client", theirs),
      ["  ours / theirs", "", ...columns.map(({ value }) => ratio(value(ours), value(theirs)))],
    ];
  });
  return table(["", "orders", ...columns.map(({ title }) => title)], rows);
}

export function describeColdStarts(results: readonly ColdResult[]): string {
  const rows = results.map(({ title, client, milliseconds, counts }) => [
    `${title}, ${client}`,
    fixed(milliseconds),
    String(counts.needed),
    String(counts.nonces),
    fixed(counts.laterPolls),
  ]);
  return table(["", "median ms", "requests", "+ nonces", "+ later polls"], rows);
}

/** The promises about issuing. */
export function issuingTargets(
  [one, ten, fifty]: readonly Comparison[],
  cold: readonly ColdResult[],
): Target[] {
  const [first] = cold.filter(({ client }) => client === "pulumi-acme");
  return [
    ...(one === undefined
      ? []
      : [
          notAbove("1 name, p50", one, ({ p50 }) => p50),
          notAbove("1 name, p95", one, ({ p95 }) => p95),
          {
            what: `1 name, longest of ${String(one.ours.orders)} orders`,
            wanted: "at most 1000 ms",
            measured: milliseconds(one.ours.max),
            met: one.ours.max <= 1000,
          },
          atMost("1 name, requests, warm", one.ours.needed + one.ours.nonces, 7),
        ]),
    ...(first === undefined
      ? []
      : [
          atMost(
            `1 name, requests, cold, ${first.title}`,
            first.counts.needed + first.counts.nonces,
            9,
          ),
        ]),
    ...(ten === undefined ? [] : [notAbove("10 names, p50", ten, ({ p50 }) => p50)]),
    ...(fifty === undefined ? [] : [notAbove("50 names, p50", fifty, ({ p50 }) => p50)]),
  ];
}

function notAbove(
  what: string,
  { ours, theirs }: Comparison,
  value: (figures: Figures) => number,
): Target {
  return {
    what,
    wanted: `not above acme-client's ${milliseconds(value(theirs))}`,
    measured: milliseconds(value(ours)),
    met: value(ours) <= value(theirs),
  };
}

function atMost(what: string, count: number, limit: number): Target {
  return {
    what,
    wanted: `at most ${String(limit)}`,
    measured: String(count),
    met: count <= limit,
  };
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}
