/** What INWX alone has: a session for all, a second factor, errors inside of answers. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createProvider } from "../../../../../sdk/challenges/dns-01/providers/inwx/provider";
import { STEP_MS, totp } from "../../../../../sdk/challenges/dns-01/providers/inwx/totp";
import { ConfigurationError, messageOf } from "../../../../../sdk/util/errors";
import { type Reply, startWebService, type WebService } from "../../../../support/dns/httpreq";
import { dnsRecord, providerContext } from "../../../../support/dns/records";
import { inwx } from "../../../../support/dns/services/inwx";
import { startStandIn } from "../../../../support/dns/services/stand-in";

// RFC 6238, appendix B: the secret "12345678901234567890".
const SECRET = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq";

describe("a one-time password", () => {
  it.each([
    [59, "287082"],
    [1111111109, "081804"],
    [1111111111, "050471"],
    [1234567890, "005924"],
    [2000000000, "279037"],
    [20000000000, "353130"],
  ])("is the one of RFC 6238 at %d", (seconds, password) => {
    expect(totp(SECRET, seconds * 1000)).toBe(password);
  });
});

describe("INWX with a second factor", () => {
  let service: WebService;
  let methods: string[];
  const used = new Set<string>();
  const isLoggedIn = { value: false };

  beforeEach(async () => {
    methods = [];
    used.clear();
    isLoggedIn.value = false;
    service = await startWebService((_request, _url, body) => {
      const { method, params } = body as { method: string; params: Record<string, string> };
      methods.push(method);
      return answerTo(method, params);
    });
  });
  afterEach(() => service.stop());

  function answer(code: number, resData = {}, headers?: Reply["headers"]): Reply {
    return { status: 200, body: { code, msg: `code ${String(code)}`, resData }, headers };
  }

  function answerTo(method: string, params: Record<string, string>): Reply {
    if (method === "account.login") {
      return answer(1000, { tfa: "GOOGLE-AUTH" }, { "Set-Cookie": "domrobot=cookie; path=/" });
    }
    if (method === "account.unlock") {
      const tan = params["tan"] ?? "";
      isLoggedIn.value = tan === totp(SECRET, Date.now()) && !used.has(tan);
      used.add(tan);
      return answer(isLoggedIn.value ? 1000 : 2200);
    }
    if (!isLoggedIn.value) return answer(2200);
    if (method !== "nameserver.list") return answer(1000, { id: 1 });
    return answer(1000, { domains: [{ domain: params["domain"] }] });
  }

  const provider = (sharedSecret: string | undefined, wait = vi.fn()) =>
    createProvider(
      { username: "me", password: "pass-word", sharedSecret, apiUrl: service.url },
      wait,
    );

  it("is logged in once, for all certificates of a run", async () => {
    await provider(SECRET).add([dnsRecord("a.example")], providerContext());
    await provider(SECRET).add([dnsRecord("b.example")], providerContext());
    expect(methods.filter((method) => method.startsWith("account."))).toEqual([
      "account.login",
      "account.unlock",
    ]);
  });

  it("is logged in again when the session has ended", async () => {
    const wait = vi.fn(() => {
      used.clear();
      return Promise.resolve();
    });
    await provider(SECRET).add([dnsRecord("a.example")], providerContext());
    isLoggedIn.value = false;
    await provider(SECRET, wait).add([dnsRecord("a.example")], providerContext());
    expect(methods.filter((method) => method === "account.login")).toHaveLength(2);
  });

  it("gets the next password where this one was used", async () => {
    used.add(totp(SECRET, Date.now()));
    used.add(totp(SECRET, Date.now() + STEP_MS));
    const wait = vi.fn<(ms: number) => Promise<void>>(() => {
      used.clear();
      return Promise.resolve();
    });
    await provider(SECRET, wait).add([dnsRecord("a.example")], providerContext());
    expect(wait).toHaveBeenCalledOnce();
    expect(wait.mock.calls[0]?.[0]).toBeLessThanOrEqual(STEP_MS);
  });

  it("says what is missing where no secret is given", async () => {
    const add = provider(undefined).add([dnsRecord("a.example")], providerContext());
    await expect(add).rejects.toThrow(ConfigurationError);
    await expect(add).rejects.toThrow("has a second factor (GOOGLE-AUTH): give sharedSecret");
  });
});

it("INWX is not believed where an error is inside of a 200", async () => {
  const api = await startStandIn(inwx);
  const body = JSON.stringify({ code: 2400, msg: "Command failed", reason: "Database is down" });
  const provider = await api.provider();
  api.faults.push({ status: 200, body });
  const add = provider.add([dnsRecord("example.com")], providerContext());
  expect(await add.catch(messageOf)).toContain("Command failed, Database is down (2400)");
  await api.stop();
});
