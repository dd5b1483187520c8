/** The promises about issuing. */
import type { Figures, Result } from "./figures";
import type { ColdResult } from "./issuing";
import type { Target } from "./targets";

export function issuingTargets(
  [one, ten, fifty]: readonly Result[],
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
            what: `1 name, longest of ${String(one.ours.laps)} orders`,
            wanted: "at most 1000 ms",
            measured: milliseconds(one.ours.max),
            met: one.ours.max <= 1000,
          },
          requests("1 name, requests, warm", one.ours.needed + one.ours.nonces, 7),
        ]),
    ...(first === undefined
      ? []
      : [
          requests(
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
  { ours, theirs }: Result,
  value: (figures: Figures) => number,
): Target {
  return {
    what,
    wanted: `not above acme-client's ${milliseconds(value(theirs))}`,
    measured: milliseconds(value(ours)),
    met: value(ours) <= value(theirs),
  };
}

function requests(what: string, count: number, limit: number): Target {
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
