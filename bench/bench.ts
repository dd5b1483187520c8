/** `npm run bench`: measures, and prints what was found and whether the targets are met. Slowness is no failure. */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { toolPath } from "../test/support/process/tool-paths";
import { dns } from "./dns";
import { dnsService } from "./dns-service";
import { fleet } from "./fleet";
import { issuing } from "./issuing";
import { loading } from "./loading";
import { noOp } from "./no-op";
import { describeTargets, type Say, type Section } from "./report";

/** A part of the bench; `against` is the folder of another built checkout, which the parts that can compare with it measure too. */
type Measure = (say: Say, against: string | undefined) => Promise<Section>;

const sections: Readonly<Record<string, Measure>> = {
  issuing,
  dns,
  "dns-service": dnsService,
  "no-op": noOp,
  loading,
  fleet,
};

const load = createRequire(__filename);

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

/** What the figures are measured on. */
function describeMachine(): string {
  const processors = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  const cli = execFileSync(toolPath("pulumi"), ["version"], { encoding: "utf8" }).trim();
  return [
    `${processors[0]?.model ?? "unknown processor"}, ${String(processors.length)} cores, ${memory} GiB; ${type()} ${release()}`,
    `Node ${process.versions.node}; acme-client ${versionOf("acme-client")}; @pulumi/pulumi ${versionOf("@pulumi/pulumi")}; Pulumi CLI ${cli}`,
    `load before the run: ${loadavg()
      .map((value) => value.toFixed(2))
      .join(" ")}`,
  ].join("\n");
}

function versionOf(name: string): string {
  return (load(`${name}/package.json`) as { version: string }).version;
}
