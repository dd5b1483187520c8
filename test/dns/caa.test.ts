/** CAA records at a real BIND 9, looked at as a CA does. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { checkCaa } from "../../sdk/challenges/preflight/caa";
import { type Bind, startBind } from "../support/dns/bind";
import { type DnsRelay, loopbackAddresses, startRelay } from "../support/dns/dns-relay";
import { describeUnless } from "../support/process/tools";
import { missingDnsTools } from "../support/dns/dns-tools";
import { solverContext } from "../support/dns/records";

let bind: Bind;
let relay: DnsRelay;
const accountUrl = "https://ca.example/acct/1";

const records = [
  'allowed CAA 0 issue "ca.example"',
  "www.allowed A 127.0.0.1",
  'closed CAA 0 issue ";"',
  'open.closed CAA 0 issue "ca.example"',
  'wild CAA 0 issue "ca.example"',
  'wild CAA 0 issuewild ";"',
  'bound CAA 0 issue "ca.example; accounturi=https://ca.example/acct/2"',
  'method CAA 0 issue "ca.example; validationmethods=http-01"',
  'strange CAA 128 tbs "unknown"',
  "alias CNAME closed",
];

describeUnless(missingDnsTools(), "CAA records in DNS", () => {
  beforeAll(async () => {
    bind = await startBind({ recursive: true, zones: [{ name: "test", records }] });
    const { addresses, port } = await loopbackAddresses(1);
    relay = await startRelay(addresses[0] ?? "", port, bind.port);
  });
  afterAll(async () => {
    await relay.stop();
    await bind.stop();
  });
  beforeEach(() => {
    Object.assign(relay, { rcode: undefined, questions: 0 });
  });

  const check = (
    names: readonly string[],
    context = solverContext(),
    caaIdentities = ["ca.example"],
  ) =>
    checkCaa(
      names.map((name) => ({
        name: name.replace(/^\*\./, ""),
        wildcard: name.startsWith("*."),
        method: "dns-01",
      })),
      {
        ...context,
        caaIdentities,
        accountUrl,
        resolvers: [`${relay.address}:${String(relay.port)}`],
      },
    );

  it.each([
    ["its own", "allowed.test"],
    ["those above it", "a.b.www.allowed.test"],
    ["the closest, though the ones above forbid it", "open.closed.test"],
    ["nobody's", "nothing.test"],
    ["the name's, not the wildcard's", "wild.test"],
  ])("allow a name by %s", async (_what, name) => {
    const context = solverContext();
    await check([name], context);
    expect(context.warn).not.toHaveBeenCalled();
  });

  it.each([
    ["closed.test", /^CAA of closed\.test forbids closed\.test: it allows only issue ";"/],
    ["a.b.closed.test", /^CAA of closed\.test forbids a\.b\.closed\.test/],
    ["*.wild.test", /^CAA of wild\.test forbids \*\.wild\.test: it allows only issuewild ";"/],
    ["bound.test", /this account is https:\/\/ca\.example\/acct\/1/],
    ["method.test", /this name is to be proven by dns-01/],
    ["strange.test", /it has a critical property "tbs"/],
    ["alias.test", /^CAA of alias\.test forbids alias\.test: it allows only issue ";"/],
  ])("stop %s, with an explanation", async (name, words) => {
    const stopped = check([name]);
    await expect(stopped).rejects.toMatchObject({ name: "ChallengeError" });
    await expect(stopped).rejects.toThrow(words);
    await expect(stopped).rejects.toThrow(/the CA was not asked; preflight: false/);
  });

  it("stop all names that they forbid, in one message", async () => {
    await expect(check(["closed.test", "allowed.test", "bound.test"])).rejects.toThrow(
      /CAA of closed\.test forbids closed\.test.*; CAA of bound\.test forbids bound\.test/,
    );
  });

  it.each([
    [2, "SERVFAIL"],
    [5, "REFUSED"],
  ])("that DNS cannot tell (%i) are a warning", async (rcode, words) => {
    relay.rcode = rcode;
    const context = solverContext();
    await check(["closed.test"], context);
    expect(context.warn).toHaveBeenCalledWith(
      `CAA records of closed.test cannot be checked from here: CAA of closed.test: ${relay.address}:${String(relay.port)} answers ${words}`,
    );
  });

  it("are not asked for where the CA does not say by which name they call it", async () => {
    await check(["closed.test"], solverContext(), []);
    expect(relay.questions).toBe(0);
  });
});
