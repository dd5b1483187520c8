import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createAcmeClient, type AcmeClient } from "../../../sdk/acme";
import { poll, type Look } from "../../../sdk/acme/poll";
import { withDeadline } from "../../../sdk/util/abort";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function server(): AcmeClient {
  return createAcmeClient({
    directoryUrl: "https://ca.example/directory",
    userAgent: "test",
    fetch: () => Promise.reject(new Error("no network here")),
    random: () => 1,
  });
}

/** Looks that give these values of Retry-After in seconds, and are done after them; and when they happened. */
function orderOutcomes(...retryAfters: (number | undefined)[]): {
  look: () => Promise<Look<number>>;
  at: number[];
} {
  const start = Date.now();
  const at: number[] = [];
  const look = (): Promise<Look<number>> => {
    const retryAfter = retryAfters[at.length];
    const done = at.length === retryAfters.length;
    at.push(Date.now() - start);
    const retryAt = retryAfter === undefined ? undefined : Date.now() + retryAfter * 1000;
    return Promise.resolve({ value: at.length, done, retryAt });
  };
  return { look, at };
}

describe("polling", () => {
  test("looks soon, again after 50 ms, and then ever less often", async () => {
    const { look, at } = orderOutcomes(undefined, undefined, undefined, undefined);
    const polled = poll(server(), look, String, {});
    await vi.runAllTimersAsync();
    expect(await polled).toBe(5);
    expect(at).toEqual([10, 60, 160, 360, 760]);
  });

  test("looks at once where it is told to", async () => {
    const { look, at } = orderOutcomes(undefined);
    const polled = poll(server(), look, String, {}, { firstLookMs: 0 });
    await vi.runAllTimersAsync();
    await polled;
    expect(at).toEqual([0, 50]);
  });

  test("never waits more than ten seconds of its own accord", async () => {
    const { look, at } = orderOutcomes(...Array.from({ length: 20 }, () => undefined));
    const polled = poll(server(), look, String, {});
    await vi.runAllTimersAsync();
    await polled;
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(Math.max(...gaps)).toBe(10_000);
  });

  test("obeys Retry-After, between a second and a minute (ZeroSSL sends a day)", async () => {
    const { look, at } = orderOutcomes(5, 0, -7, 86_400);
    const polled = poll(server(), look, String, {});
    await vi.runAllTimersAsync();
    await polled;
    expect(at).toEqual([10, 5010, 6010, 7010, 67_010]);
  });

  test("ends with the signal, and says what it saw last if that is a deadline", async () => {
    const { look } = orderOutcomes(...Array.from({ length: 100 }, () => 5));
    const polled = withDeadline("issuing", 12_000, undefined, (signal) =>
      poll(server(), look, (value) => `look ${String(value)}`, { signal }),
    );
    const outcome = expect(polled).rejects.toThrow(
      "issuing took longer than 12 s; last seen: look 3",
    );
    await vi.runAllTimersAsync();
    await outcome;
  });

  test("ends with the signal's own reason if that is none", async () => {
    const controller = new AbortController();
    const { look } = orderOutcomes(5, 5);
    const polled = poll(server(), look, String, { signal: controller.signal });
    const outcome = expect(polled).rejects.toThrow("interrupted");
    await vi.advanceTimersByTimeAsync(1000);
    controller.abort(new Error("interrupted"));
    await outcome;
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends with what a look throws", async () => {
    const polled = poll(server(), () => Promise.reject(new Error("gone")), String, {});
    const outcome = expect(polled).rejects.toThrow("gone");
    await vi.runAllTimersAsync();
    await outcome;
  });
});
