import { describe, expect, test } from "vitest";
import { AcmeConnectionError, AcmeProblemError, AcmeProtocolError } from "../../../sdk/acme";
import {
  countSuccess,
  isAmbiguous,
  noTries,
  waitBeforeRetry,
  type Repetition,
} from "../../../sdk/acme/retry";
import { TimeoutError } from "../../../sdk/util/errors";

const NOW = Date.UTC(2026, 0, 1);

function problem(status: number, type = "about:blank", retryAt?: number): AcmeProblemError {
  return new AcmeProblemError("order", { type, subproblems: [] }, { status, retryAt });
}

function lost(code: string): AcmeConnectionError {
  return new AcmeConnectionError(
    "order",
    "https://ca.example/",
    Object.assign(new Error(), { code }),
  );
}

/** All waits until there is no further try, with a chance of one. */
function waits(error: unknown, repetition: Repetition): number[] {
  const tries = noTries();
  const all: number[] = [];
  for (;;) {
    const wait = waitBeforeRetry(error, repetition, tries, NOW, () => 1);
    if (wait === undefined || all.length > 1000) return all;
    all.push(wait);
  }
}

describe("what is sent again", () => {
  test.each([
    ["500", problem(500)],
    ["502", problem(502)],
    ["504", problem(504)],
    ["serverInternal as 400", problem(400, "serverInternal")],
    ["a broken connection", lost("ECONNRESET")],
    ["an unknown failure of the connection", lost("")],
  ])("after %s is only what may be repeated", (_, error) => {
    expect(waits(error, "repeatable")).toEqual([250, 500, 1000, 2000]);
    expect(waits(error, "when-refused")).toEqual([]);
    expect(isAmbiguous(error)).toBe(true);
  });

  test.each([
    ["503", problem(503)],
    ["a refused connection", lost("ECONNREFUSED")],
    ["a resolver that is busy", lost("EAI_AGAIN")],
    ["a connection that takes too long", lost("UND_ERR_CONNECT_TIMEOUT")],
  ])("after %s is everything: the CA has not acted on it", (_, error) => {
    expect(waits(error, "repeatable")).toEqual([250, 500, 1000, 2000]);
    expect(waits(error, "when-refused")).toEqual([250, 500, 1000, 2000]);
  });

  test.each([
    ["malformed", problem(400, "malformed")],
    ["unauthorized", problem(403, "unauthorized")],
    ["404", problem(404)],
    ["405", problem(405)],
    ["409", problem(409, "alreadyReplaced")],
    ["415", problem(415)],
    ["501", problem(501, "rejectedIdentifier")],
    ["a host that does not exist", lost("ENOTFOUND")],
    ["an untrusted certificate", lost("DEPTH_ZERO_SELF_SIGNED_CERT")],
    ["an expired certificate", lost("CERT_HAS_EXPIRED")],
    ["another host's certificate", lost("ERR_TLS_CERT_ALTNAME_INVALID")],
    ["something that is not HTTP", lost("HPE_INVALID_CONSTANT")],
    ["a broken CA", new AcmeProtocolError("acme: x", "https://ca.example/")],
    ["a bug", new TypeError("undefined is not a function")],
  ])("after %s is nothing", (_, error) => {
    expect(waits(error, "repeatable")).toEqual([]);
  });

  test("after one time-out is what may be repeated, once", () => {
    expect(waits(new TimeoutError("late"), "repeatable")).toEqual([250]);
    expect(waits(new TimeoutError("late"), "when-refused")).toEqual([]);
    expect(isAmbiguous(new TimeoutError("late"))).toBe(true);
  });
});

describe("a CA that names a time", () => {
  test("is waited for up to a minute in all", () => {
    expect(waits(problem(429, "rateLimited", NOW + 20_000), "when-refused")).toEqual([
      20_000, 20_000, 20_000,
    ]);
    expect(waits(problem(503, "about:blank", NOW + 60_000), "repeatable")).toEqual([60_000]);
    expect(waits(problem(503, "about:blank", NOW + 60_001), "repeatable")).toEqual([]);
    expect(waits(problem(500, "about:blank", NOW + 30_000), "repeatable")).toEqual([
      30_000, 30_000,
    ]);
  });

  test("in the past is asked a second later, and not for ever", () => {
    const past = problem(429, "rateLimited", NOW - 5000);
    expect(waits(past, "repeatable")).toEqual([1000, 1000, 1000, 1000]);
  });

  test("may limit rates under any status", () => {
    expect(waits(problem(403, "rateLimited", NOW + 2000), "when-refused")[0]).toBe(2000);
    expect(waits(problem(403, "rateLimited"), "repeatable")).toEqual([]);
    expect(waits(problem(503, "rateLimited"), "repeatable")).toEqual([]);
  });
});

describe("badNonce", () => {
  const refused = problem(400, "badNonce");

  test("is tried again at once, then slower, three times", () => {
    expect(waits(refused, "when-refused")).toEqual([0, 50, 100]);
  });

  test("is tried again ten times in one operation, however many requests it has", () => {
    const operation = { badNonces: 0 };
    const once = (): number | undefined =>
      waitBeforeRetry(refused, "repeatable", noTries(operation), NOW, () => 1);
    expect(Array.from({ length: 12 }, once)).toEqual([
      ...Array<number>(10).fill(0),
      undefined,
      undefined,
    ]);
  });

  test("now and then is no reason to give up: ten requests that are answered at once make up for one", () => {
    const operation = { badNonces: 0 };
    for (let request = 0; request < 100; request++) {
      const tries = noTries(operation);
      expect(waitBeforeRetry(refused, "repeatable", tries, NOW, () => 1)).toBe(0);
      countSuccess(tries);
      for (let clean = 0; clean < 11; clean++) countSuccess(noTries(operation));
    }
  });
});

test("chance halves a wait at most", () => {
  const shortest = waitBeforeRetry(problem(503), "repeatable", noTries(), NOW, () => 0);
  expect(shortest).toBe(125);
});
