/** The issuing bench in words. */
import type { Figures, Result } from "./figures";
import type { ColdResult } from "./issuing";
import { fixed, ratio, table } from "./table";

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

export function describeRaces(results: readonly Result[]): string {
  return describe(results, [...times, ...requests, memory]);
}

/** Where nonces are refused a request that comes again is not always a poll: only the sum is told. */
export function describeRacesWithRefusedNonces(results: readonly Result[]): string {
  const sum: Column = {
    title: "all requests",
    value: ({ allRequests }) => allRequests,
    digits: 2,
  };
  return describe(results, [...times, sum]);
}

function describe(results: readonly Result[], columns: readonly Column[]): string {
  const rows = results.flatMap(({ title, ours, theirs }) => {
    const row = (client: string, figures: Figures): string[] => [
      client,
      String(figures.laps),
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
