/** The status as metrics, read by Prometheus' own tool. */
import { spawnSync } from "node:child_process";

import { expect, it } from "vitest";

import { metricsOf } from "../../sdk/cli/status/prometheus";
import { certificateOf, exportText, issuedAt } from "../support/cli/export";
import { statusesOf } from "../support/cli/statuses";
import { toolPath } from "../support/process/tool-paths";
import { describeWithTools } from "../support/process/tools";

describeWithTools(["promtool"], "the metrics", () => {
  const check = (metrics: string) => {
    const { status, stdout, stderr } = spawnSync(toolPath("promtool"), ["check", "metrics"], {
      input: metrics,
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };

  it("are what promtool accepts without a remark", () => {
    const text = exportText((resources) => {
      certificateOf(resources).outputs["dnsNames"] = ['a "quoted\\ name', "bücher.example"];
    });
    const metrics = metricsOf(statusesOf(text), issuedAt);
    expect(check(metrics)).toEqual({ status: 0, said: "" });
    expect(check(metrics.replace("# HELP", "# HALP")).status).not.toBe(0);
  });
});
