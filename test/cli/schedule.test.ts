/** Schedules, read by the programs that would run them. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { validateWorkflow } from "@action-validator/core";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { cron } from "../../sdk/cli/schedule/cron";
import { github } from "../../sdk/cli/schedule/github";
import { gitlab } from "../../sdk/cli/schedule/gitlab";
import type { Schedule } from "../../sdk/cli/schedule/schedule";
import { systemd } from "../../sdk/cli/schedule/systemd";
import { temporaryDirectory } from "../support/process/temp";
import { toolPath } from "../support/process/tool-paths";
import { describeWithTools } from "../support/process/tools";

const run = promisify(execFile);

const schedule: Schedule = {
  stack: "acme/web/prod",
  directory: "/srv/50% off",
  minute: 17,
  hours: [3, 7, 11, 15, 19, 23],
};

describeWithTools(["systemd-analyze", "crontab"], "a schedule for a machine of one's own", () => {
  it("of systemd is a service, a timer and an alarm that systemd accepts as they are", async () => {
    await using folder = await temporaryDirectory();
    const units = [
      ...systemd(schedule).matchAll(
        /^# \/etc\/systemd\/system\/(\S+)\n([^]*?)(?=^# \/etc|$(?![^]))/gm,
      ),
    ];
    const paths = units.map(([, name = ""]) => join(folder.path, name));
    expect(paths).toHaveLength(3);
    for (const [index, [, , text = ""]] of units.entries()) {
      await writeFile(paths[index] ?? "", text);
    }
    const verify = () => run(toolPath("systemd-analyze"), ["verify", "--man=no", ...paths]);
    expect(await verify()).toEqual({ stdout: "", stderr: "" });
    await writeFile(
      paths[0] ?? "",
      (units[0]?.[2] ?? "").replace("TimeoutStartSec=1h", "TimeoutStartSec=1x"),
    );
    expect((await verify()).stderr).toContain("TimeoutStartSec");
  });

  it("of systemd starts in the program's folder, whatever its name", () => {
    // % begins a specifier (systemd.unit(5)).
    expect(systemd(schedule)).toContain("WorkingDirectory=/srv/50%% off\n");
  });

  it("of systemd runs when it says so", async () => {
    const [, when = ""] = /^OnCalendar=(.*)$/m.exec(systemd(schedule)) ?? [];
    const { stdout } = await run(toolPath("systemd-analyze"), ["calendar", "--iterations=2", when]);
    expect(stdout).toMatch(/:17:00/);
  });

  it("of cron is a crontab", async () => {
    await using folder = await temporaryDirectory();
    const file = join(folder.path, "crontab");
    await writeFile(file, cron(schedule));
    await run(toolPath("crontab"), ["-n", file]);
    await writeFile(file, cron(schedule).replace("17 3,", "17 33,"));
    await expect(run(toolPath("crontab"), ["-n", file])).rejects.toThrow("bad hour");
  });
});

describe("a schedule for a service", () => {
  it("of GitHub Actions is a workflow by its schema, with least permissions and one run at a time", () => {
    const text = github(schedule);
    expect(validateWorkflow(text).errors).toEqual([]);
    expect(validateWorkflow(text.replace("runs-on", "runs_on")).errors).not.toEqual([]);
    expect(parse(text)).toMatchObject({
      on: { schedule: [{ cron: "17 3,7,11,15,19,23 * * *" }] },
      permissions: { contents: "read", issues: "write" },
      concurrency: { "cancel-in-progress": false },
    });
  });

  it("of GitLab CI is a job of the documented keywords that runs on schedules alone", () => {
    expect(parse(gitlab(schedule))).toEqual({
      certificates: {
        image: { name: "pulumi/pulumi-nodejs:latest", entrypoint: [""] },
        rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }],
        resource_group: "pulumi-acme/web/prod",
        interruptible: false,
        timeout: "1 hour",
        script: [
          "npm ci",
          expect.stringMatching(/^pulumi up --refresh --yes/),
          "npx pulumi-acme status --stack acme/web/prod",
        ],
      },
    });
  });
});
