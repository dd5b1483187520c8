import { describe, expect, it } from "vitest";

import { withDeadline } from "../../../sdk/util/abort";

describe("a deadline", () => {
  it("further away than a timer can count is none that has passed", async () => {
    const sixtyDays = 60 * 86_400_000;
    const outcome = withDeadline("waiting", sixtyDays, undefined, async (signal) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return signal.aborted;
    });
    await expect(outcome).resolves.toBe(false);
  });
});
