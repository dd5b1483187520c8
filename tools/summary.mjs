/** What `npm test` shows in the end. */

/** Collects rows of the table and the totals. */
export class Summary {
  #rows = [];
  #notes = [];
  passed = 0;
  failed = 0;

  /** A check or step; a failed one counts like a failed test case. */
  step(name, what, ok, milliseconds) {
    this.#rows.push([name, ok ? "ok" : "FAILED", what, duration(milliseconds)]);
    if (!ok) this.failed++;
  }

  /** What the rows that follow took together. */
  total(name, what, milliseconds) {
    this.#rows.push([name, "", what, duration(milliseconds)]);
  }

  /** A folder of tests. */
  tests(name, { passed, failed, skipped }) {
    const counts = [`${passed} passed`];
    if (failed > 0) counts.push(`${failed} failed`);
    if (skipped > 0) counts.push(`${skipped} skipped`);
    this.#rows.push([name, failed === 0 ? "ok" : "FAILED", counts.join(", "), ""]);
    this.passed += passed;
    this.failed += failed;
  }

  /** Something to be told that is neither. */
  note(text) {
    this.#notes.push(text);
  }

  problem(text) {
    this.note(text);
    this.failed++;
  }

  print(milliseconds) {
    const widths = [0, 1, 2].map((column) =>
      Math.max(...this.#rows.map((row) => row[column].length)),
    );
    console.log("\nWhat ran");
    for (const row of this.#rows) {
      const cells = row.map((cell, column) =>
        column === 3 ? cell.padStart(8) : cell.padEnd(widths[column]),
      );
      console.log(`  ${cells.join("  ").trimEnd()}`);
    }
    for (const note of this.#notes) console.log(`\n${note}`);
    console.log(
      `\n${this.passed} passed, ${this.failed} failed, in ${duration(milliseconds).trim()}`,
    );
  }
}

function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 100) / 10;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, "0")} s`;
}
