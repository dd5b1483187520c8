/** Tests that need certain programs, and are skipped where one is missing. */
import { describe } from "vitest";
import { missingTools, type Tool } from "./tool-paths";

export { missingTools, toolCache, toolPath } from "./tool-paths";

/**
 * `describe` for tests that need `tools`. Where one is missing they are skipped, and the title says why; in CI
 * (`CI` is set) that is an error, because there nothing may be skipped.
 */
export function describeWithTools(tools: readonly Tool[], title: string, body: () => void): void {
  describeUnless(missingTools(...tools), title, body);
}

/** `describe`, or, where there is a `reason` why not, a skipped one (an error in CI). */
export function describeUnless(reason: string | undefined, title: string, body: () => void): void {
  if (reason === undefined) {
    describe(title, body);
    return;
  }
  const ci = process.env["CI"] ?? "";
  if (ci !== "" && ci !== "false") throw new Error(`${title}: ${reason}`);
  describe.skip(`${title} [skipped: ${reason}]`, body);
}
