import { describe, expect, it } from "vitest";

import { ChannelRefused, Channels } from "../../../../sdk/hosts/command/channels";

/** Channels that stay open until they are told to close, at a server that allows `most`. */
function server(most = Number.POSITIVE_INFINITY) {
  const channels = new Channels();
  const closers: (() => void)[] = [];
  let open = 0;
  let peak = 0;
  let refused = 0;
  const start = (
    kind: "run" | "conversation" | "housekeeping",
    signal = new AbortController().signal,
  ): Promise<number> =>
    channels.open(kind, signal, () => {
      if (open >= most) {
        refused += 1;
        return Promise.reject(new ChannelRefused("open failed"));
      }
      open += 1;
      peak = Math.max(peak, open);
      const closed = new Promise<void>((resolve) =>
        closers.push(() => {
          open -= 1;
          resolve();
        }),
      );
      return Promise.resolve({ value: open, closed });
    });
  return {
    start,
    closeOne: () => closers.shift()?.(),
    open: () => open,
    peak: () => peak,
    refused: () => refused,
  };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("the channels of one connection", () => {
  it("are never more than eight at once, and all who wait get their turn", async () => {
    const { start, closeOne, open, peak } = server();
    const all = Promise.all(Array.from({ length: 30 }, () => start("run")));
    await settle();
    expect(open()).toBe(8);
    for (let closed = 0; closed < 30; closed++) {
      closeOne();
      await settle();
    }
    await expect(all).resolves.toHaveLength(30);
    expect(peak()).toBe(8);
  });

  it("always leave a place for a run beside conversations, which wait for runs", async () => {
    const { start, open } = server();
    for (let count = 0; count < 10; count++) void start("conversation");
    await settle();
    expect(open()).toBe(6);
    await start("run");
    expect(open()).toBe(7);
  });

  it("let housekeeping pass when all places are taken", async () => {
    const { start, open } = server();
    for (let count = 0; count < 9; count++) void start("run");
    await settle();
    await start("housekeeping");
    expect(open()).toBe(9);
  });

  it("adapt to a server that allows fewer (MaxSessions 2)", async () => {
    const { start, closeOne, refused } = server(2);
    const all = Promise.all(Array.from({ length: 6 }, () => start("run")));
    for (let turn = 0; turn < 12; turn++) {
      await settle();
      closeOne();
    }
    await expect(all).resolves.toHaveLength(6);
    // Only those who were on their way when it was learnt.
    expect(refused()).toBeLessThanOrEqual(6);
  });

  it("give up on a server that opens none at all, after a few tries", async () => {
    const { start, refused } = server(0);
    await expect(start("run")).rejects.toThrow("open failed");
    expect(refused()).toBe(4);
  });

  it("forget who gave up waiting", async () => {
    const { start, closeOne, open } = server();
    for (let count = 0; count < 8; count++) void start("run");
    const controller = new AbortController();
    const waiting = start("run", controller.signal);
    controller.abort(new Error("no longer"));
    await expect(waiting).rejects.toThrow("no longer");
    closeOne();
    await settle();
    expect(open()).toBe(7);
  });
});
