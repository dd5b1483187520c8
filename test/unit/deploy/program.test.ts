/** The programs that run on hosts, as text. */
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

import { INSPECTION, TRANSACTION } from "../../../sdk/deploy/program";
import { describeWithTools } from "../../support/process/tools";

// That the parts share their variables is allowed for each file by itself; put together, nothing may be missing.
const assembled = (program: string): string =>
  program.replaceAll(/^# shellcheck disable=SC2034,SC2154 .*$/gm, "");

describeWithTools(["shellcheck"], "a program that runs on a host", () => {
  it.each([
    ["the transaction", TRANSACTION],
    ["the inspection", INSPECTION],
  ])("passes shellcheck as a whole: %s", (_, program) => {
    const options = { input: assembled(program), encoding: "utf8" } as const;
    const report = (): string =>
      execFileSync("shellcheck", ["-s", "sh", "-S", "warning", "-"], options);
    expect(report).not.toThrow();
  });
});
