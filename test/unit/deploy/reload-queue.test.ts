import { describe, expect, it, vi } from "vitest";

import { enterReload } from "../../../sdk/deploy/reload-queue";

let hosts = 0;
/** A host of its own for each test: the queue is the process's. */
const host = (): string => `host-${String(hosts++)}`;

describe("reloads at the same time", () => {
  it("are one run, by whoever was ready first, once everybody is", async () => {
    const identity = host();
    const [first, second, third] = [1, 2, 3].map(() => enterReload(identity, "reload"));
    const runs: string[] = [];
    const run = (name: string) => () => Promise.resolve(void runs.push(name));
    const a = first?.reload(run("first"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(runs).toEqual([]);
    const b = second?.reload(run("second"));
    // One that found nothing to do leaves, and is not waited for.
    third?.leave();
    expect(await Promise.all([a, b])).toEqual(["own", "shared"]);
    expect(runs).toEqual(["first"]);
  });

  it("wait for somebody on the way only for a while", async () => {
    vi.useFakeTimers();
    try {
      const identity = host();
      const ready = enterReload(identity, "reload");
      enterReload(identity, "reload");
      let how: string | undefined;
      void ready.reload(() => Promise.resolve()).then((result) => (how = result));
      await vi.advanceTimersByTimeAsync(2900);
      expect(how).toBeUndefined();
      await vi.advanceTimersByTimeAsync(200);
      expect(how).toBe("own");
    } finally {
      vi.useRealTimers();
    }
  });

  it("that become ready while one runs are the next one: that run may not have seen their files", async () => {
    const identity = host();
    const first = enterReload(identity, "reload");
    let finish: () => void = () => undefined;
    const running = first.reload(() => new Promise((resolve) => (finish = resolve)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const later = enterReload(identity, "reload");
    const run = vi.fn(() => Promise.resolve());
    const second = later.reload(run);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(run).not.toHaveBeenCalled();
    finish();
    expect(await Promise.all([running, second])).toEqual(["own", "own"]);
  });

  it("that fail fail for the one whose run it was; the others run their own", async () => {
    const identity = host();
    const tickets = [1, 2, 3].map(() => enterReload(identity, "reload"));
    const runs = [
      () => Promise.reject(new Error("bad files")),
      () => Promise.resolve(),
      () => Promise.resolve(),
    ];
    const results = await Promise.allSettled(
      tickets.map((ticket, index) => ticket.reload(runs[index] ?? (() => Promise.resolve()))),
    );
    expect(results).toMatchObject([{ status: "rejected" }, { value: "own" }, { value: "shared" }]);
  });

  it("of other hosts and other commands are not waited for", async () => {
    const identity = host();
    enterReload(identity, "another");
    enterReload(host(), "reload");
    expect(await enterReload(identity, "reload").reload(() => Promise.resolve())).toBe("own");
  });
});
