/** The common pace of all calls to a service with the same credentials. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Attempt, type Limit, Pace, paceFor } from "../../../sdk/http/pace";

const LIMIT: Limit = { calls: 5, perMs: 1000, words: "it takes five a second" };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function context(signal = new AbortController().signal) {
  return { service: "The service", signal, progress: vi.fn<(message: string) => void>() };
}

/** A service that takes `perSecond` calls in each second, and refuses the others. */
function busyService(perSecond: number) {
  const begun: number[] = [];
  const taken = new Map<number, number>();
  const attempt = (): Promise<Attempt<string>> => {
    const now = performance.now();
    begun.push(now);
    const second = Math.floor(now / 1000);
    taken.set(second, (taken.get(second) ?? 0) + 1);
    return Promise.resolve(
      (taken.get(second) ?? 0) <= perSecond
        ? { result: "done" }
        : { failure: "answers 429", limited: true },
    );
  };
  return { begun, attempt };
}

/** What became of `work` once nothing is left to wait for. */
async function settled<T>(work: Promise<T>): Promise<T> {
  const watched = work.catch((error: unknown) => error as T);
  await vi.runAllTimersAsync();
  const result = await watched;
  if (result instanceof Error) throw result;
  return result;
}

describe("the pace of calls", () => {
  it("keeps to the service's limit, however many call at once", async () => {
    const pace = new Pace(LIMIT);
    const { begun, attempt } = busyService(5);
    await settled(Promise.all(Array.from({ length: 23 }, () => pace.call(attempt, context()))));
    expect(begun).toHaveLength(23);
    for (const [index, at] of begun.slice(5).entries()) {
      expect(at - (begun[index] ?? 0)).toBeGreaterThanOrEqual(1000);
    }
  });

  it("lets a few calls through at once", async () => {
    const pace = new Pace(LIMIT);
    const { begun, attempt } = busyService(5);
    const start = performance.now();
    await settled(Promise.all(Array.from({ length: 5 }, () => pace.call(attempt, context()))));
    expect(begun.every((at) => at === start)).toBe(true);
  });

  it("gets every call through a service that takes fewer than it should", async () => {
    const pace = new Pace(LIMIT);
    const { attempt } = busyService(2);
    const calls = Array.from({ length: 60 }, () => pace.call(attempt, context()));
    await expect(settled(Promise.all(calls))).resolves.toHaveLength(60);
  });

  it("waits as long as the service wants, with all calls", async () => {
    const pace = new Pace();
    const start = performance.now();
    const outcomes: Attempt<string>[] = [{ failure: "answers 429", limited: true, waitMs: 30_000 }];
    const begun: number[] = [];
    const attempt = (): Promise<Attempt<string>> => {
      begun.push(performance.now() - start);
      return Promise.resolve(outcomes.shift() ?? { result: "done" });
    };
    const first = pace.call(attempt, context());
    await vi.advanceTimersByTimeAsync(10);
    const second = pace.call(attempt, context());
    await settled(Promise.all([first, second]));
    expect(begun[0]).toBe(0);
    expect(begun.slice(1).every((at) => at >= 30_000)).toBe(true);
  });

  it("gives up on a service that takes no call at all, and says whose limit it is", async () => {
    const pace = new Pace(LIMIT);
    const { attempt } = busyService(0);
    const refused =
      /^The service answers 429 \(it takes five a second\), and has taken no call for 4\d s; try again later$/;
    await expect(settled(pace.call(attempt, context()))).rejects.toThrow(refused);
    const start = performance.now();
    await expect(settled(pace.call(attempt, context()))).rejects.toThrow(refused);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it("ends with the signal of who calls, and lets the next one call", async () => {
    const pace = new Pace({ ...LIMIT, calls: 1 });
    const { attempt, begun } = busyService(5);
    const controller = new AbortController();
    const calls = [
      pace.call(attempt, context()),
      pace.call(attempt, context(controller.signal)),
      pace.call(attempt, context()),
    ];
    controller.abort(new Error("the time is over"));
    const results = await settled(Promise.allSettled(calls));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(begun).toHaveLength(2);
  });

  it("repeats five times what fails otherwise", async () => {
    const attempt = vi.fn(() => Promise.resolve({ failure: "answers 500" }));
    await expect(settled(new Pace().call(attempt, context()))).rejects.toThrow(
      "The service answers 500, 5 times; try again later",
    );
    expect(attempt).toHaveBeenCalledTimes(5);
  });

  it("does not wait an hour because the service wants it", async () => {
    const attempt = (): Promise<Attempt<string>> =>
      Promise.resolve({ failure: "answers 503", waitMs: 3_600_000 });
    await expect(settled(new Pace().call(attempt, context()))).rejects.toThrow(
      "The service answers 503, and wants the next request in 3600 s",
    );
  });

  it("is one for the same service and credentials", () => {
    const pace = paceFor("The service", ["one"]);
    expect(paceFor("The service", ["one"])).toBe(pace);
    expect(paceFor("The service", ["other"])).not.toBe(pace);
    expect(paceFor("Another", ["one"])).not.toBe(pace);
  });
});
