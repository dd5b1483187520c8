/** What the figures were measured on. */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { toolPath } from "../test/support/process/tool-paths";

const load = createRequire(__filename);

export function describeMachine(): string {
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
