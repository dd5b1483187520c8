import { describe, expect, it, vi } from "vitest";

import { dial } from "../../../sdk/hosts/dial";
import { HostError, type HostErrorCode } from "../../../sdk/hosts/host";

const NEVER = new AbortController().signal;

function failing(code: HostErrorCode, times: number) {
  let calls = 0;
  return vi.fn(() => {
    calls += 1;
    const error = new HostError(code, { host: "web-1", step: "connect", detail: "not yet" });
    return calls > times ? Promise.resolve("open") : Promise.reject(error);
  });
}

/** A clock that only waits move. */
function clock() {
  let time = 0;
  return {
    now: () => time,
    pause: (milliseconds: number) => {
      time += milliseconds;
      return Promise.resolve();
    },
  };
}

describe("dialling", () => {
  it("tries again while the host may be starting, and says so", async () => {
    const progress = vi.fn();
    const attempt = failing("unreachable", 3);
    const opened = dial("web-1", {}, attempt, { signal: NEVER, progress, ...clock() });
    await expect(opened).resolves.toBe("open");
    expect(attempt).toHaveBeenCalledTimes(4);
    expect(progress).toHaveBeenLastCalledWith("web-1: connect: not yet (try 3 of 10)");
  });

  it("tries ten times unless told otherwise, then says how often and how long", async () => {
    const attempt = failing("timeout", 1000);
    const opened = dial("web-1", {}, attempt, { signal: NEVER, ...clock() });
    await expect(opened).rejects.toThrow(/^web-1: connect: not yet \(tried 10 times in \d+ s\)$/);
    expect(attempt).toHaveBeenCalledTimes(10);
  });

  it("ends after five minutes even without a limit (dialErrorLimit -1)", async () => {
    const attempt = failing("unreachable", Number.POSITIVE_INFINITY);
    const time = clock();
    const opened = dial("web-1", { dialErrorLimit: -1 }, attempt, { signal: NEVER, ...time });
    await expect(opened).rejects.toMatchObject({ code: "unreachable" });
    expect(time.now()).toBeLessThan(5 * 60_000);
    expect(attempt.mock.calls.length).toBeGreaterThan(30);
  });

  it.each(["host-key", "authentication", "protocol", "sudo"] as const)(
    "does not repeat what cannot mend itself: %s",
    async (code) => {
      const attempt = failing(code, 1000);
      const opened = dial("web-1", {}, attempt, { signal: NEVER, ...clock() });
      await expect(opened).rejects.toMatchObject({ code, message: "web-1: connect: not yet" });
      expect(attempt).toHaveBeenCalledTimes(1);
    },
  );

  it("gives each try perDialTimeout seconds", async () => {
    const limits = { perDialTimeout: 0.02, dialErrorLimit: 2 };
    const attempt = vi.fn(
      (signal: AbortSignal) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
        }),
    );
    const opened = dial("web-1", limits, attempt, {
      signal: NEVER,
      pause: () => Promise.resolve(),
    });
    await expect(opened).rejects.toMatchObject({ code: "timeout", host: "web-1" });
    expect(attempt).toHaveBeenCalledTimes(2);
  });

  it("stops at once when its caller gives up", async () => {
    const controller = new AbortController();
    const opened = dial("web-1", {}, failing("unreachable", 1000), { signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error("no longer"));
    }, 20);
    await expect(opened).rejects.toThrow("no longer");
  });
});
