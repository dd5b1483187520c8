/** A row of laps in figures. */
import type { Lap } from "./contestant";
import { countRequests } from "./requests";
import { maximum, mean, median, quantile } from "./statistics";

export interface Figures {
  readonly laps: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** Per order: see requests.ts. */
  readonly needed: number;
  readonly nonces: number;
  readonly laterPolls: number;
  readonly allRequests: number;
  readonly peakRss: number;
}

export function figuresOf(laps: readonly Lap[]): Figures {
  const times = laps.map(({ milliseconds }) => milliseconds);
  const counts = laps.map(({ sent }) => countRequests(sent));
  return {
    laps: laps.length,
    p50: median(times),
    p95: quantile(times, 0.95),
    max: maximum(times),
    needed: median(counts.map(({ needed }) => needed)),
    nonces: median(counts.map(({ nonces }) => nonces)),
    laterPolls: mean(counts.map(({ laterPolls }) => laterPolls)),
    allRequests: mean(laps.map(({ sent }) => sent.length)),
    peakRss: maximum(laps.map(({ peakRss }) => peakRss)),
  };
}

/** A race, both sides in figures. */
export interface Result {
  readonly title: string;
  readonly ours: Figures;
  readonly theirs: Figures;
}
