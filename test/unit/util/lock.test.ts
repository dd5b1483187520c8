import { describe, expect, it } from "vitest";

import { withLock } from "../../../sdk/util/lock";

describe("taking turns", () => {
  it("is one after the other where a key is shared, in the order of arrival", async () => {
    const events: string[] = [];
    const work = (name: string, ms: number) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      events.push(`${name} ends`);
    };
    await Promise.all([
      withLock(["x", "y"], work("first", 20)),
      withLock(["y", "x"], work("second", 1)),
      withLock(["z"], work("other", 1)),
    ]);
    expect(events).toEqual([
      "first begins",
      "other begins",
      "other ends",
      "first ends",
      "second begins",
      "second ends",
    ]);
  });

  it("goes on after one that failed", async () => {
    const failed = withLock(["x"], () => Promise.reject(new Error("no")));
    const next = withLock(["x"], () => Promise.resolve("yes"));
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });
});
