import { expect, test } from "vitest";
import { createSemaphore } from "../../../sdk/util/semaphore";

/** A promise with its ends outside. */
function pending(): { done: () => void; promise: Promise<void> } {
  let done = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { done, promise };
}

test("as many run at once as there are slots, the others in their turn", async () => {
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

test("a slot is free again after a failure", async () => {
  const slots = createSemaphore(1);
  await expect(slots.run(undefined, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await slots.run(undefined, () => Promise.resolve("yes"))).toBe("yes");
});

test("who waits can leave, and is not run", async () => {
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
