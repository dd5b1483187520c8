/** A CA that wants other things proven than were ordered: nothing is presented, and nothing is answered. */
import { describe, expect, it, onTestFinished } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { orderHandler } from "../../sdk/provider/order";
import { failureOf, handler, startCa } from "../support/ca/certificate-strict";
import { withMembers } from "../support/ca/strict";
import type { StrictResponse, StrictServer } from "../support/ca/strict-server";
import { resourceRun } from "../support/engine/handler-run";
import { startHttpReq } from "../support/dns/httpreq";

type Deviate = (ca: StrictServer) => void;

const authorization = (members: Properties): Deviate => {
  return (ca) => {
    ca.on("authorization", "every", (response) => withMembers(response, members));
  };
};

const order = (change: (listed: string[], ca: StrictServer) => unknown): Deviate => {
  return (ca) => {
    const changed = (response: StrictResponse): StrictResponse => {
      const { authorizations } = JSON.parse(response.body) as { authorizations: string[] };
      return withMembers(response, { authorizations: change(authorizations, ca) });
    };
    ca.on("newOrder", "every", changed);
    ca.on("order", "every", changed);
  };
};

const DEVIATIONS: [string, Deviate, RegExp][] = [
  [
    "an authorization for another name",
    authorization({ identifier: { type: "dns", value: "--evil;$(id)" } }),
    /wants a proof of --evil;\$\(id\).*, which was not ordered/,
  ],
  [
    "an authorization for the wildcard of a name",
    authorization({ wildcard: true }),
    /wants a proof of \*\.\w\.example/,
  ],
  [
    "fewer authorizations than names",
    order(([first]) => [first]),
    /lists no authorization for \w\.example/,
  ],
  ["no authorizations", order(() => undefined), /is pending, and lists no authorizations/],
  ["an empty list of authorizations", order(() => []), /is pending, and lists no authorizations/],
  ["authorizations that are no list", order(() => "all"), /is pending, and lists no/],
  [
    "its newOrder URL for an authorization",
    order((listed, ca) => [...listed, `${ca.baseUrl}/acme/new-order`]),
    /the CA handed out the URL of its newOrder/,
  ],
  [
    "another endpoint's URL, written otherwise, for an authorization",
    order((listed, ca) => [...listed, `${ca.baseUrl}/acme/./new-nonce#1`]),
    /the CA handed out the URL of its newNonce/,
  ],
  [
    "its revokeCert URL for a challenge",
    (ca) => {
      ca.on("authorization", "every", (response) =>
        withMembers(response, {
          challenges: [
            { type: "http-01", url: `${ca.baseUrl}/acme/revoke-cert`, token: "t".repeat(43) },
          ],
        }),
      );
    },
    /the CA handed out the URL of its revokeCert/,
  ],
  [
    "a challenge without a token",
    (ca) => {
      ca.on("authorization", "every", (response) =>
        withMembers(response, {
          challenges: [{ type: "http-01", url: `${ca.baseUrl}/acme/chall/1/2` }],
        }),
      );
    },
    /its http-01 challenge has no token/,
  ],
  ...["", "a".repeat(21), "a".repeat(256), `${"a".repeat(40)}/../x`, "päng".repeat(10), 1].map(
    (token): [string, Deviate, RegExp] => [
      `the token ${JSON.stringify(token).slice(0, 30)}`,
      (ca) => {
        ca.on("authorization", "every", (response) =>
          withMembers(response, {
            challenges: [{ type: "http-01", url: `${ca.baseUrl}/acme/chall/1/2`, token }],
          }),
        );
      },
      typeof token === "number"
        ? /its http-01 challenge has no token/
        : /the token of its http-01 challenge is not base64url of 22 to 255 characters/,
    ],
  ),
  [
    "an order for a name more",
    (ca) => {
      ca.on("newOrder", 1, (response) =>
        withMembers(response, {
          identifiers: ["a.example", "b.example", "c.example"].map((value) => ({
            type: "dns",
            value,
          })),
        }),
      );
    },
    /the CA's order is for other names: it has c\.example besides/,
  ],
  [
    "an order with an identifier of another type",
    (ca) => {
      ca.on("newOrder", 1, (response) => {
        const { identifiers } = JSON.parse(response.body) as { identifiers: object[] };
        return withMembers(response, {
          identifiers: [...identifiers, { type: "email", value: "a@b.example" }],
        });
      });
    },
    /one of its identifiers is neither a DNS name nor an IP address/,
  ],
];

describe.each(DEVIATIONS)("a CA that answers with %s", (_, deviate, reason) => {
  it("is refused by a certificate before anything is presented or answered", async () => {
    const { ca, asked } = await startCa();
    deviate(ca);
    const hook = await startHttpReq();
    onTestFinished(() => hook.stop());
    const { message } = await failureOf(
      handler.create(asked({ solvers: [{ http01: { webhook: { url: hook.url } } }] })),
    );
    expect(message).toMatch(reason);
    expect(hook.calls).toEqual([]);
    expect(ca.count("challenge")).toBe(0);
    expect(ca.count("newOrder")).toBe(1);
    expect(ca.count("finalize")).toBe(0);
  });

  it("is refused by an order before any challenge is an output", async () => {
    const { ca, account } = await startCa();
    deviate(ca);
    const run = resourceRun(orderHandler);
    const args = { account, dnsNames: ["a.example", "b.example"], challenge: "http-01" };
    await expect(run.up(args)).rejects.toThrow(reason);
    expect(run.state["challenges"]).toBeUndefined();
    expect(ca.count("newOrder")).toBe(1);
  });
});

describe("an order whose names or authorizations change", () => {
  it.each([
    ["names", { identifiers: [{ type: "dns", value: "a.example" }] }, /is for other names/],
    ["authorizations", { authorizations: [] }, /has changed its authorizations/],
  ])("between two looks (%s) is not finalized", async (_, members, reason) => {
    const { ca, asked } = await startCa();
    ca.on("order", "every", (response) => withMembers(response, members));
    const dnsNames = ["a.example", "b.example", "c.example"];
    const { message } = await failureOf(handler.create(asked({ dnsNames })));
    expect(message).toMatch(reason);
    expect(ca.count("finalize")).toBe(0);
  });
});

it("An authorization that is listed twice is answered once", async () => {
  const { ca, asked } = await startCa();
  order((listed) => [...listed, ...listed])(ca);
  await handler.create(asked());
  expect(ca.count("challenge")).toBe(2);
  expect(ca.count("authorization")).toBeLessThanOrEqual(2 * 2);
  ca.assertNoDeviations();
});

it("A wildcard whose authorization does not say so is a wildcard in an order's challenges", async () => {
  const { ca, account } = await startCa();
  authorization({ wildcard: undefined })(ca);
  const run = resourceRun(orderHandler);
  await run.up({ account, dnsNames: ["*.a.example", "a.example"], challenge: "dns-01" });
  const challenges = run.state["challenges"] as { dnsName: string; name: string }[];
  expect(challenges.map(({ dnsName, name }) => [dnsName, name])).toEqual([
    ["*.a.example", "_acme-challenge.a.example"],
    ["a.example", "_acme-challenge.a.example"],
  ]);
});
