import { describe, expect, it } from "vitest";

import { delay, withDeadline } from "../../../sdk/util/abort";

describe("a deadline", () => {
  it("further away than a timer can count is none that has passed", async () => {
    const sixtyDays = 60 * 86_400_000;
    const outcome = withDeadline("waiting", sixtyDays, undefined, async (signal) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return signal.aborted;
    });
    await expect(outcome).resolves.toBe(false);
  });

  it("that has passed says what was being done last", async () => {
    let doing = "asks";
    const outcome = withDeadline(
      "waiting",
      20,
      undefined,
      async (signal) => {
        doing = "is told to wait";
        await delay(60_000, signal);
      },
      () => doing,
    );
    await expect(outcome).rejects.toThrow(
      "waiting took longer than 0.02 s; last step: is told to wait",
    );
  });
});
