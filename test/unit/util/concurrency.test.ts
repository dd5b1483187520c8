import { describe, expect, it } from "vitest";

import { createSemaphore, mapConcurrent, withLock } from "../../../sdk/util/concurrency";

/** A promise with its ends outside. */
function pending(): { done: () => void; promise: Promise<void> } {
  let done = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { done, promise };
}

describe("a semaphore", () => {
  it("as many run at once as there are slots, the others in their turn", async () => {
    const slots = createSemaphore(2);
    const order: string[] = [];
    const gates = [pending(), pending(), pending(), pending()];
    const all = gates.map((gate, index) =>
      slots.run(undefined, async () => {
        order.push(`start ${String(index)}`);
        await gate.promise;
        order.push(`end ${String(index)}`);
      }),
    );
    await Promise.resolve();
    expect(order).toEqual(["start 0", "start 1"]);
    for (const gate of gates) gate.done();
    await Promise.all(all);
    expect(order.filter((entry) => entry.startsWith("start"))).toEqual([
      "start 0",
      "start 1",
      "start 2",
      "start 3",
    ]);
  });

  it("a slot is free again after a failure", async () => {
    const slots = createSemaphore(1);
    await expect(slots.run(undefined, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await slots.run(undefined, () => Promise.resolve("yes"))).toBe("yes");
  });

  it("who waits can leave, and is not run", async () => {
    const slots = createSemaphore(1);
    const gate = pending();
    const first = slots.run(undefined, () => gate.promise);
    const controller = new AbortController();
    let ran = false;
    const second = slots.run(controller.signal, () => {
      ran = true;
      return Promise.resolve();
    });
    const third = slots.run(undefined, () => Promise.resolve("third"));
    controller.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    gate.done();
    await first;
    expect(await third).toBe("third");
    expect(ran).toBe(false);
  });
});

describe("a map with a limit", () => {
  it("keeps the order of the items, and never runs more than the limit", async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrent(2, [30, 1, 5, 2], async (ms) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, ms));
      running--;
      return ms * 2;
    });
    expect(results).toEqual([60, 2, 10, 4]);
    expect(most).toBe(2);
  });

  it("fails with the first failure", async () => {
    const work = (item: number): Promise<number> =>
      item === 2 ? Promise.reject(new Error("no")) : Promise.resolve(item);
    await expect(mapConcurrent(2, [1, 2, 3], work)).rejects.toThrow("no");
  });
});

describe("a lock", () => {
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
