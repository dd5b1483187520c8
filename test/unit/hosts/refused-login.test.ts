import { describe, expect, it, vi } from "vitest";

import { HostError } from "../../../sdk/hosts/host";
import { LoginRefused, Refusals, untilLetIn } from "../../../sdk/hosts/refused-login";

const AT = { host: "web-1", step: "connect", detail: "user root was refused" };

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

function refusing(times: number) {
  let calls = 0;
  return vi.fn(() =>
    ++calls > times ? Promise.resolve("in") : Promise.reject(new LoginRefused(AT)),
  );
}

describe("a login that a new host refuses", () => {
  it("is tried again for half a minute, and that is said (pulumi/pulumi-command#35)", async () => {
    const progress = vi.fn();
    expect(await untilLetIn({}, refusing(1), { progress }, clock())).toBe("in");
    expect(progress.mock.calls).toEqual([
      ["web-1: connect: user root was refused; a new machine may get its keys later: again in 5 s"],
    ]);
  });

  it("is given up then, after few tries: more would shut this address out", async () => {
    const attempt = refusing(Number.POSITIVE_INFINITY);
    await expect(untilLetIn({}, attempt, {}, clock())).rejects.toMatchObject({
      code: "authentication",
      message: "web-1: connect: user root was refused (tried 4 times in 30 s)",
    });
    expect(attempt).toHaveBeenCalledTimes(4);
  });

  it("is tried dialErrorLimit times at most", async () => {
    const attempt = refusing(Number.POSITIVE_INFINITY);
    const tried = untilLetIn({ dialErrorLimit: 1 }, attempt, {}, clock());
    await expect(tried).rejects.toThrow(/refused$/);
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it.each(["host-key", "authentication", "protocol"] as const)(
    "is another thing than an error of the code %s",
    async (code) => {
      const attempt = vi.fn(() => Promise.reject(new HostError(code, AT)));
      await expect(untilLetIn({}, attempt, {}, clock())).rejects.toMatchObject({ code });
      expect(attempt).toHaveBeenCalledTimes(1);
    },
  );

  it("is not waited for by somebody who gives up", async () => {
    const controller = new AbortController();
    const tried = untilLetIn({}, refusing(9), { signal: controller.signal });
    controller.abort(new Error("no longer"));
    await expect(tried).rejects.toThrow("no longer");
  });
});

describe("a login that was refused a moment ago", () => {
  it("is not tried again by the next resource with the same one", async () => {
    const time = clock();
    const refusals = new Refusals(time.now);
    const attempt = refusing(1);
    for (let resource = 0; resource < 5; resource++) {
      await expect(refusals.shared("key", attempt)).rejects.toThrow("user root was refused");
    }
    expect(attempt).toHaveBeenCalledTimes(1);
    expect(await refusals.shared("another key", () => Promise.resolve("in"))).toBe("in");
    await time.pause(5000);
    expect(await refusals.shared("key", attempt)).toBe("in");
  });
});
