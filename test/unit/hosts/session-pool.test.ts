import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Session } from "../../../sdk/hosts/session";
import { SessionPool } from "../../../sdk/hosts/session-pool";

function fakeSession(): Session & { cut: () => void; isClosed: () => boolean } {
  let isClosed = false;
  let cut = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    cut = () => {
      isClosed = true;
      resolve();
    };
  });
  const unused = (): never => {
    throw new Error("not used");
  };
  const isCut = (): boolean => isClosed;
  const doings = { start: unused, connect: unused, listen: unused };
  return { ...doings, closed, close: cut, cut, isClosed: isCut };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a pool of sessions", () => {
  it("opens one for all who ask for the same key, and one more for another key", async () => {
    const pool = new SessionPool();
    const open = vi.fn(() => Promise.resolve(fakeSession()));
    const [a, b] = await Promise.all([pool.lease("web-1", open), pool.lease("web-1", open)]);
    const c = await pool.lease("web-2", open);
    expect(a.session).toBe(b.session);
    expect(c.session).not.toBe(a.session);
    expect(open).toHaveBeenCalledTimes(2);
  });

  it("keeps it for two seconds after the last user, for the next one", async () => {
    const pool = new SessionPool();
    const session = fakeSession();
    const open = vi.fn(() => Promise.resolve(session));
    const first = await pool.lease("web-1", open);
    first.release();
    await vi.advanceTimersByTimeAsync(1900);
    const second = await pool.lease("web-1", open);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.isClosed()).toBe(false);
    second.release();
    second.release();
    await vi.advanceTimersByTimeAsync(2100);
    expect(session.isClosed()).toBe(true);
    expect(open).toHaveBeenCalledTimes(1);
  });

  it("opens a new one when the former was cut", async () => {
    const pool = new SessionPool();
    const sessions = [fakeSession(), fakeSession()];
    const open = vi.fn(() => Promise.resolve(sessions[open.mock.calls.length - 1] as Session));
    await pool.lease("web-1", open);
    sessions[0]?.cut();
    await vi.advanceTimersByTimeAsync(0);
    const again = await pool.lease("web-1", open);
    expect(again.session).toBe(sessions[1]);
  });

  it("tells everybody why it could not be opened, and tries anew for the next one", async () => {
    const pool = new SessionPool();
    const open = vi.fn(() => Promise.reject<Session>(new Error("refused")));
    const both = await Promise.allSettled([pool.lease("x", open), pool.lease("x", open)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(open).toHaveBeenCalledTimes(1);
    await expect(pool.lease("x", open)).rejects.toThrow("refused");
    expect(open).toHaveBeenCalledTimes(2);
  });

  it("lets one give up while another goes on waiting", async () => {
    const pool = new SessionPool();
    let opened: (session: Session) => void = () => undefined;
    let abandoned: AbortSignal | undefined;
    const open = (signal: AbortSignal): Promise<Session> => {
      abandoned = signal;
      return new Promise((resolve) => (opened = resolve));
    };
    const controller = new AbortController();
    const impatient = pool.lease("x", open, controller.signal);
    const patient = pool.lease("x", open);
    controller.abort(new Error("no longer"));
    await expect(impatient).rejects.toThrow("no longer");
    expect(abandoned?.aborted).toBe(false);
    const session = fakeSession();
    opened(session);
    expect((await patient).session).toBe(session);
  });

  it("abandons a connection for which nobody waits any more, and closes it if it comes late", async () => {
    const pool = new SessionPool();
    const session = fakeSession();
    let opened: (session: Session) => void = () => undefined;
    let abandoned: AbortSignal | undefined;
    const controller = new AbortController();
    const waiting = pool.lease(
      "x",
      (signal) => {
        abandoned = signal;
        return new Promise((resolve) => (opened = resolve));
      },
      controller.signal,
    );
    controller.abort(new Error("no longer"));
    await expect(waiting).rejects.toThrow("no longer");
    expect(abandoned?.aborted).toBe(true);
    opened(session);
    await vi.advanceTimersByTimeAsync(0);
    expect(session.isClosed()).toBe(true);
  });
});
