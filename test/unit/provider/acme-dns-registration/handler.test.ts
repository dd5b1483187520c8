/** `AcmeDnsRegistration`, its handler driven against a stand-in of acme-dns. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { acmeDnsRegistrationHandler } from "../../../../sdk/provider/acme-dns-registration";
import {
  ACME_DNS_DOMAIN,
  type AcmeDnsService,
  startAcmeDns,
} from "../../../support/dns/acme-dns-api";
import { type ResourceRun, resourceRun } from "../../../support/engine/handler-run";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let service: AcmeDnsService;
let run: ResourceRun;
beforeEach(async () => {
  service = await startAcmeDns({ drops: ["2001:db8::/32"] });
  run = resourceRun(acmeDnsRegistrationHandler);
});
afterEach(() => service.stop());

const up = (args: Record<string, unknown> = {}) =>
  run.up({ url: service.url, dnsName: "example.com", ...args });

interface State {
  readonly credentials: Readonly<Record<string, string>>;
  readonly record: { readonly name: string; readonly type: string; readonly value: string };
}
const state = (): State => run.state as unknown as State;

describe("a registration at acme-dns", () => {
  it("is made by one request, and gives the solver's arguments and the CNAME", async () => {
    expect(await up({ dnsName: "*.Bücher.Example" })).toBe("created");
    expect(service.calls).toEqual([{ path: "POST /register", body: { allowfrom: [] } }]);
    const { credentials, record } = state();
    expect(Object.keys(credentials).sort()).toEqual(["password", "subdomain", "url", "username"]);
    expect(credentials["url"]).toBe(service.url);
    expect(record).toEqual({
      name: "_acme-challenge.xn--bcher-kva.example",
      type: "CNAME",
      value: `${credentials["subdomain"] ?? ""}.${ACME_DNS_DOMAIN}`,
    });
  });

  it("is made once: neither a second up, nor a refresh, nor a destroy makes a request", async () => {
    await up({ allowFrom: ["192.0.2.0/24", "198.51.100.7/32"] });
    const before = state();
    const same = { url: `${service.url}/`, allowFrom: ["198.51.100.7/32", "192.0.2.0/24"] };
    expect(await up(same)).toBe("unchanged");
    await run.refresh();
    expect(state()).toEqual(before);
    await run.destroy();
    expect(service.calls).toHaveLength(1);
  });

  it("keeps its subdomain for another name", async () => {
    await up();
    const { credentials, record } = state();
    expect(await up({ dnsName: "www.example.com" })).toBe("updated");
    expect(state().credentials).toEqual(credentials);
    expect(state().record).toEqual({ ...record, name: "_acme-challenge.www.example.com" });
    expect(service.calls).toHaveLength(1);
  });

  it("is replaced for another server, and for other networks", async () => {
    await up();
    expect(await up({ url: "https://auth.example.net" })).toBe("to be replaced");
    expect(await up({ allowFrom: ["192.0.2.0/24"] })).toBe("to be replaced");
    const unknown = await acmeDnsRegistrationHandler.diff("id", run.state, {
      url: UNKNOWN,
      dnsName: "example.com",
    });
    expect(unknown).toEqual({ changes: true });
  });

  it("warns where the server has not taken a network", async () => {
    await up({ allowFrom: ["192.0.2.0/24", "2001:db8::/32"] });
    expect(run.warnings()).toEqual([
      expect.stringContaining(
        "has not taken 2001:db8::/32 of allowFrom: who has the credentials may update from elsewhere, too",
      ),
    ]);
  });
});

describe("a registration that cannot be made", () => {
  it.each([
    [404, "404 page not found", "(its configuration may say disable_registration,"],
    [401, "", "(it asks for credentials of its own; register from where it does not)"],
    [
      400,
      '{"error":"invalid_allowfrom_cidr"}',
      'refuses the registration with 400: {"error":"invalid_allowfrom_cidr"}',
    ],
    [200, "<html>", "answers 200 without username, password, subdomain and fulldomain"],
  ])("says so: %d %s", async (status, body, words) => {
    service.faults.push({ status, body });
    await expect(up()).rejects.toThrow(words);
    expect(service.calls).toHaveLength(1);
  });

  it("does not show a password of an answer that is half there", async () => {
    const body = JSON.stringify({ username: "u", password: "hunter2", subdomain: "s" });
    service.faults.push({ status: 201, body });
    const failure = await up().catch((error: unknown) => String(error));
    expect(failure).toContain("answers 201 without fulldomain");
    expect(failure).not.toContain("hunter2");
  });

  it("is tried again while the server is busy", async () => {
    service.faults.push({ status: 503, headers: { "Retry-After": "0" } });
    expect(await up()).toBe("created");
    expect(service.calls).toHaveLength(2);
  });

  it.each([
    [{ url: "http://auth.example.net" }, /^url: must be an https URL/],
    [{ url: "https://u:hunter2@auth.example.net" }, /^url: must not have a user name or password/],
    [{ dnsName: "no name" }, /^dnsName: "no name" is not a DNS name/],
    [{ allowFrom: ["192.0.2.1"] }, /^allowFrom\[0\]: must be a network .*"192\.0\.2\.1\/32"/],
    [{ allowFrom: ["192.0.2.0/33"] }, /^allowFrom\[0\]: must be a network/],
    [{ alowFrom: [] }, /^alowFrom: unknown argument; did you mean "allowFrom"\?/],
  ])("is refused before: %o", async (args, words) => {
    await expect(up(args)).rejects.toThrow(words);
    expect(service.calls).toEqual([]);
  });
});
