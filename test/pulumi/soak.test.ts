/**
 * Thirty certificates that live two minutes, renewed by `pulumi up` in a loop while the CA, name servers and hosts go down
 * and come back, and runs are killed. A minute here; `npm run soak` takes ten, and prints what it counted
 * (`SOAK_SECONDS`, `SOAK_SEED`).
 */
import { beforeAll, describe, expect, it } from "vitest";

import type { PulumiResult } from "../support/engine/pulumi";
import { type Run, soak, type SoakReport } from "../support/soak/soak";

const { SOAK_SECONDS, SOAK_SEED } = process.env;
const seconds = Number(SOAK_SECONDS ?? 60);
const seed = Number(SOAK_SEED ?? 1);
let report: SoakReport;

beforeAll(
  async () => {
    report = await soak({ seconds, certificates: 30, seed });
    if (SOAK_SECONDS !== undefined) process.stdout.write(`${summaryOf(report)}\n`);
  },
  (seconds + 900) * 1000,
);

function summaryOf({ runs, lifetime, handshakes, ...counts }: SoakReport): string {
  const { certificates, requests, orders } = counts;
  const failed = runs.reduce((sum, { result }) => sum + renewalsThatFailed(result), 0);
  return [
    ...runs.map(lineOf),
    `${String(certificates)} certificates of ${String(lifetime)} s by ${String(orders)} orders, ${String(failed)} renewals that failed and were tried again`,
    `${(requests / certificates).toFixed(1)} requests to the CA for each certificate`,
    `${String(handshakes.count)} handshakes, ${String(handshakes.problems.length)} failed or with an expired certificate`,
  ].join("\n");
}

function lineOf({ result, disturbance, killed, orders }: Run): string {
  const seconds = (result.durationMs / 1000).toFixed(0).padStart(3);
  const what = disturbance.kind === "outage" ? `${disturbance.part.name} down` : disturbance.kind;
  const end = killed ? "killed" : result.code === 0 ? "green" : "red";
  return `${seconds} s  ${end.padEnd(6)}  ${String(orders).padStart(2)} orders  ${what}`;
}

function ordersIn(runs: readonly Run[]): number {
  return runs.reduce((sum, { orders }) => sum + orders, 0);
}

function renewalsThatFailed({ diagnostics }: PulumiResult): number {
  const failed = diagnostics.filter(({ message }) => message.includes("the renewal failed"));
  return new Set(failed.map(({ urn }) => urn)).size;
}

describe("thirty certificates of two minutes while everything goes down and comes back", () => {
  it("are never served expired, and no handshake fails", () => {
    const { problems, count } = report.handshakes;
    expect(problems).toEqual([]);
    expect(count).toBeGreaterThan(5 * seconds);
  });

  it("are renewed", () => {
    expect(report.certificates).toBeGreaterThanOrEqual(60);
  });

  it("need no hand: every undisturbed run is green, the last one too", () => {
    const undisturbed = report.runs.filter(({ disturbance }) => disturbance.kind === "none");
    const failed = undisturbed.map(({ result }) => result).filter(({ code }) => code !== 0);
    expect(failed.map(({ stdout, stderr }) => stdout + stderr)).toEqual([]);
  });

  it("cost one order for each certificate, beside those of runs that were cut off from the CA or killed, and of renewals that failed", () => {
    const isCutOff = ({ killed, disturbance }: Run): boolean =>
      killed || (disturbance.kind === "outage" && disturbance.part.name === "the CA");
    const { runs, orders, certificates } = report;
    const [cutOff, others] = [runs.filter(isCutOff), runs.filter((run) => !isCutOff(run))];
    // Such as those whose host could not be given the challenge's file.
    const failed = others.reduce((sum, { result }) => sum + renewalsThatFailed(result), 0);
    expect(orders - certificates).toBeLessThanOrEqual(ordersIn(cutOff) + failed);
  });
});
