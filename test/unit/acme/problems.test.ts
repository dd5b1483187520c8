import { describe, expect, test } from "vitest";
import { AcmeProblemError, describeProblem, hasProblemType, type Problem } from "../../../sdk/acme";
import { parseProblem, toProblem } from "../../../sdk/acme/problems";

describe("a problem document", () => {
  test("https://www.rfc-editor.org/rfc/rfc8555#section-6.7.1", () => {
    const document = {
      type: "urn:ietf:params:acme:error:malformed",
      detail: "Some of the identifiers requested were rejected",
      subproblems: [
        {
          type: "urn:ietf:params:acme:error:malformed",
          detail: 'Invalid underscore in DNS name "_example.org"',
          identifier: { type: "dns", value: "_example.org" },
        },
        {
          type: "urn:ietf:params:acme:error:rejectedIdentifier",
          detail: 'This CA will not issue for "example.net"',
          identifier: { type: "dns", value: "example.net" },
        },
      ],
    };
    const problem = parseProblem(400, JSON.stringify(document));
    expect(problem.type).toBe("malformed");
    expect(problem.status).toBe(400);
    expect(describeProblem(problem)).toBe(
      "malformed: Some of the identifiers requested were rejected " +
        '[_example.org: malformed: Invalid underscore in DNS name "_example.org"; ' +
        'example.net: rejectedIdentifier: This CA will not issue for "example.net"]',
    );
  });

  test("that is none is none", () => {
    for (const value of [null, undefined, 7, "text", [], true]) {
      expect(toProblem(value)).toBeUndefined();
    }
  });

  test("keeps no control characters, not in a name either", () => {
    const problem = toProblem({
      type: "dns",
      detail: "a\u0007b\nc",
      subproblems: [{ detail: "x\ty", identifier: { value: "evil\u001b[2J.example" } }, null, 3],
    });
    expect(problem).toEqual({
      type: "dns",
      detail: "a b c",
      subproblems: [
        {
          type: "about:blank",
          detail: "x y",
          identifier: { type: "dns", value: "evil [2J.example" },
        },
      ],
    });
  });
});

describe("a problem as an error", () => {
  const problem: Problem = { type: "rateLimited", detail: "too many orders", subproblems: [] };

  test("says what was being done, what the CA answered, and when to come back", () => {
    const error = new AcmeProblemError("order for example.com", problem, {
      status: 429,
      retryAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    });
    expect(error.message).toBe(
      "acme: order for example.com: rateLimited: too many orders (try again after 2026-01-02T03:04:05Z)",
    );
    expect(error).toMatchObject({ name: "AcmeProblemError", status: 429, problem });
  });

  test("of an order needs no response", () => {
    const error = new AcmeProblemError("order for example.com", { ...problem, status: 403 });
    expect(error.message).toBe("acme: order for example.com: rateLimited: too many orders");
    expect(error).toMatchObject({ status: 403, url: "" });
  });

  test("survives the last instant there is", () => {
    const error = new AcmeProblemError("order", problem, { status: 429, retryAt: 8.64e15 });
    expect(error.message).toContain("try again after 9999-12-31T23:59:59Z");
  });
});

test("problem types are compared by name, and a misspelt one does not compile", () => {
  const error = new AcmeProblemError("order", { type: "rateLimited", subproblems: [] });
  expect(hasProblemType(error, "badNonce", "rateLimited")).toBe(true);
  expect(hasProblemType(error, "badNonce")).toBe(false);
  expect(hasProblemType(new Error("rateLimited"), "rateLimited")).toBe(false);
  // @ts-expect-error -- no such type
  expect(hasProblemType(error, "rateLimmited")).toBe(false);
});
