/** Tables for people. */

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
