/** `npm run bench`: measures, and prints what was found and whether the targets are met. Slowness is no failure. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { dns } from "./dns";
import { issuing } from "./issuing";
import { loading } from "./loading";
import { describeMachine } from "./machine";
import { noOp } from "./no-op";
import type { Say, Section } from "./section";
import { describeTargets } from "./targets";

/** A part of the bench; `against` is the folder of another built checkout, which the parts that can compare with it measure too. */
type Measure = (say: Say, against: string | undefined) => Promise<Section>;

const sections: Readonly<Record<string, Measure>> = {
  issuing,
  dns,
  "no-op": noOp,
  loading,
};

// What was started is ended in "exit" handlers, which a signal by itself would skip.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(130));
}
const { values, positionals } = parseArgs({
  options: { against: { type: "string" } },
  allowPositionals: true,
});
main(positionals, values.against).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

async function main(wanted: readonly string[], against: string | undefined): Promise<void> {
  const unknown = wanted.filter((name) => !Object.hasOwn(sections, name));
  if (unknown.length > 0) {
    const known = Object.keys(sections).join(", ");
    throw new Error(`no such part of the bench: ${unknown.join(", ")}; there are ${known}`);
  }
  console.log(`${describeMachine()}\n`);
  const results: Section[] = [];
  for (const [name, measure] of Object.entries(sections)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const result = await measure(
      (line) => {
        console.error(`  … ${line}`);
      },
      against && resolve(against),
    );
    console.log(`\n${result.title}\n${"=".repeat(result.title.length)}\n${result.text}\n`);
    results.push(result);
  }
  console.log("\nTargets\n=======");
  console.log(describeTargets(results.flatMap(({ targets }) => targets)));
}
