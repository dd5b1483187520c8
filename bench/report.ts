/** What a part of the bench says: figures, tables, and whether promises were kept. */

/** One part of the bench: what it found, in words. */
export interface Section {
  readonly title: string;
  readonly text: string;
  readonly targets: readonly Target[];
}

/** Told now and then how far it has come. */
export type Say = (line: string) => void;

/** What the project has promised, and whether this run kept it. */
export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

export function describeTargets(targets: readonly Target[]): string {
  return targets
    .map(({ what, wanted, measured, met }) => {
      const verdict = met ? "met    " : "NOT met";
      return `${verdict}  ${what}: ${measured} (wanted: ${wanted})`;
    })
    .join("\n");
}

/** Columns aligned: the first to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const write = (line: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? "";
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [write(head), rule, ...rows.map(write)].join("\n");
}

export function fixed(value: number, digits = 0): string {
  return value.toFixed(digits);
}

/** Ours divided by theirs. */
export function ratio(ours: number, theirs: number): string {
  return theirs === 0 ? "-" : `× ${(ours / theirs).toFixed(2)}`;
}

/** The smallest value that `share` of all values do not exceed: nearest rank, nothing made up between two of them. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function maximum(values: readonly number[]): number {
  return Math.max(...values);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
