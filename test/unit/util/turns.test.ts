import { describe, expect, it } from "vitest";

import { inTurn } from "../../../sdk/util/turns";

describe("taking turns", () => {
  it("is one after the other where a key is shared, in the order of arrival", async () => {
    const events: string[] = [];
    const work = (name: string, ms: number) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      events.push(`${name} ends`);
    };
    await Promise.all([
      inTurn(["x", "y"], work("first", 20)),
      inTurn(["y", "x"], work("second", 1)),
      inTurn(["z"], work("other", 1)),
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
    const failed = inTurn(["x"], () => Promise.reject(new Error("no")));
    const next = inTurn(["x"], () => Promise.resolve("yes"));
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });
});
