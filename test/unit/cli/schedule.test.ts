import { describe, expect, it } from "vitest";

import { cron } from "../../../sdk/cli/schedule/cron";
import { github } from "../../../sdk/cli/schedule/github";
import { gitlab } from "../../../sdk/cli/schedule/gitlab";
import { pulumiDeployments } from "../../../sdk/cli/schedule/pulumi-deployments";
import { cronFields, runsPerDay, type Schedule, timesOf } from "../../../sdk/cli/schedule/schedule";
import { systemd } from "../../../sdk/cli/schedule/systemd";
import { certificatesIn } from "../../../sdk/cli/status/certificates";
import { readExport } from "../../../sdk/cli/status/stack-export";
import { certificateOf, exportText, issuedAt } from "../../support/cli/export";

const schedule: Schedule = {
  stack: "acme/web/prod",
  directory: "/srv/50% off",
  minute: 17,
  hours: [3, 15],
};

describe("how often pulumi up runs", () => {
  const perDay = (text: string): number => runsPerDay(certificatesIn(readExport(text, "export")));

  it("is twice a day", () => {
    expect(perDay(exportText())).toBe(2);
    expect(runsPerDay([])).toBe(2);
  });

  it("is six times where a certificate lives ten days or less", () => {
    const text = exportText((resources) => {
      const notAfter = new Date(issuedAt + 6 * 86_400_000).toISOString();
      certificateOf(resources).outputs["notAfter"] = notAfter;
    });
    expect(perDay(text)).toBe(6);
  });

  it("is spread over the day, at a minute of the stack's own that is not the full hour", () => {
    const stacks = Array.from({ length: 200 }, (_, index) => `stack-${String(index)}`);
    const times = stacks.map((stack) => timesOf(6, stack));
    expect(timesOf(6, "stack-0")).toEqual(times[0]);
    expect(new Set(times.map(({ minute }) => minute)).size).toBeGreaterThan(30);
    for (const { minute, hours } of times) {
      expect(minute).toBeGreaterThan(0);
      expect(minute).toBeLessThan(59);
      expect(hours).toHaveLength(6);
      expect(hours.every((hour, index) => hour < 24 && hour - index * 4 === hours[0])).toBe(true);
    }
  });
});

describe("a schedule", () => {
  it.each([
    ["GitHub Actions", github],
    ["GitLab CI", gitlab],
    ["systemd", systemd],
    ["cron", cron],
  ])("of %s refreshes, renews, and looks at the result", (_, text) => {
    expect(text(schedule)).toContain(
      "pulumi up --refresh --yes --skip-preview --non-interactive --stack acme/web/prod",
    );
    expect(text(schedule)).toContain("npx pulumi-acme status --stack acme/web/prod");
    expect(text(schedule)).toContain("PULUMI_CONFIG_PASSPHRASE");
  });

  it.each([
    ["GitHub Actions", github, "concurrency:"],
    ["GitLab CI", gitlab, "resource_group: pulumi-acme/web/prod"],
    ["cron", cron, "flock"],
    // A service of type oneshot runs once at a time.
    ["systemd", systemd, "Type=oneshot"],
  ])("of %s runs once at a time", (_, text, words) => {
    expect(text(schedule)).toContain(words);
  });

  it("of Pulumi Deployments is a command with the same times", () => {
    expect(pulumiDeployments(schedule)).toContain(
      `--operation update --cron "17 3,15 * * *" --stack acme/web/prod`,
    );
  });

  it("has five fields", () => {
    expect(cronFields(schedule)).toBe("17 3,15 * * *");
    expect(systemd(schedule)).toContain("OnCalendar=*-*-* 03,15:17:00 UTC");
  });

  it("of cron escapes the percent sign, which is a line break there", () => {
    expect(cron(schedule)).toContain(`cd '/srv/50\\% off'`);
  });
});
