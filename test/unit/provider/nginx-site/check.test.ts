/** What `NginxSite` makes of its arguments before any host is asked. */
import { describe, expect, it } from "vitest";
import type { CheckResult, Properties } from "../../../../sdk/provider/engine/handler";
import { nginxSiteHandler } from "../../../../sdk/provider/nginx-site";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const connection = {
  host: "web-1.example.com",
  privateKey: "-----BEGIN PRIVATE KEY-----",
  insecureIgnoreHostKey: true,
};

function check(news: Properties): Promise<CheckResult> {
  return nginxSiteHandler.check({}, { connection: "local", serverNames: ["example.com"], ...news });
}

async function complaints(news: Properties): Promise<string[]> {
  return (await check(news)).failures.map(({ path, reason }) => `${path}: ${reason}`);
}

describe("checking a site", () => {
  it("normalises names, and keeps their order", async () => {
    const { inputs, failures } = await check({
      serverNames: ["WWW.Example.com.", "bücher.example", "www.example.com", "2001:DB8::1"],
    });
    expect(failures).toEqual([]);
    expect(inputs["serverNames"]).toEqual([
      "www.example.com",
      "xn--bcher-kva.example",
      "[2001:db8::1]",
    ]);
  });

  it.each([
    [{}, "/etc/nginx/conf.d/example.com.conf"],
    [{ serverNames: ["*.Example.com"] }, "/etc/nginx/conf.d/_wildcard.example.com.conf"],
    [{ serverNames: ["::1"] }, "/etc/nginx/conf.d/::1.conf"],
    [
      { tls: { certificate: "/c", certificateKey: "/k" }, listen: { http: false } },
      "/etc/nginx/conf.d/example.com.tls.conf",
    ],
    [{ configFile: "/srv/x.conf" }, "/srv/x.conf"],
  ])("puts the file of %j at %s, known before anything is done", async (news, file) => {
    expect((await check(news)).inputs["configFile"]).toBe(file);
  });

  it.each([
    { serverNames: UNKNOWN },
    { serverNames: [UNKNOWN, "example.com"] },
    { listen: UNKNOWN },
    { tls: UNKNOWN, listen: { http: UNKNOWN } },
  ])("leaves the file open where it depends on what is not known: %j", async (news) => {
    const { inputs, failures } = await check(news);
    expect(failures).toEqual([]);
    expect(inputs["configFile"]).toBe(UNKNOWN);
  });

  it("lets through what is not known yet, anywhere", async () => {
    const news = {
      connection: { ...connection, host: UNKNOWN },
      challenge: { thumbprint: UNKNOWN },
      tls: { certificate: [UNKNOWN], certificateKey: UNKNOWN, hsts: UNKNOWN, protocols: [UNKNOWN] },
      locations: [{ path: UNKNOWN, return: UNKNOWN }, UNKNOWN],
      root: UNKNOWN,
      extraConfig: UNKNOWN,
      configFile: UNKNOWN,
      test: UNKNOWN,
    };
    expect(await complaints(news)).toEqual([]);
    expect(await complaints({ connection: UNKNOWN, challenge: UNKNOWN })).toEqual([]);
  });

  it.each([
    [{ servernames: [] }, 'servernames: unknown argument; did you mean "serverNames"?'],
    [{ serverNames: undefined }, "serverNames: is missing"],
    [{ serverNames: "example.com" }, "serverNames: must be a list, not a string"],
    [
      { tls: { certificate: "/c", certificatekey: "/k" } },
      /^tls.certificatekey: unknown argument; did you mean/,
    ],
    [
      { tls: { certificate: "/c", certificateKey: "/k", hsts: { age: "1d" } } },
      /^tls.hsts.age: unknown/,
    ],
    [
      { tls: { certificate: 1, certificateKey: "/k" } },
      "tls.certificate: must be a path or a list of paths",
    ],
    [{ listen: { http: true } }, "listen.http: must be a port, or false"],
    [{ listen: { port: 1 } }, /^listen.port: unknown argument/],
    [{ challenge: { thumbprint: "a", webroot: "/a" } }, /^challenge: exactly one of/],
    [
      { locations: [{ path: "/", proxypass: "x" }] },
      /^locations\[0\].proxypass: unknown argument; did you/,
    ],
    [{ connection: { host: "a" } }, /^connection: hostKey or knownHosts must be given/],
    [{ connection: "remote" }, /^connection: must be a connection, or "local"/],
    [{ root: "srv" }, "root: must be an absolute path"],
    [{ serverNames: ["a b"] }, /^serverNames\[0\]: "a b" is not a DNS name/],
    [{ extraConfig: "}" }, "extraConfig: has a } without its {"],
    [{ configFile: "x.conf" }, "configFile: must be an absolute path"],
    [{ configFile: "/etc/../x.conf" }, /^configFile: must be the path of a file/],
    [{ configFile: "/etc/nginx/" }, /^configFile: must be the path of a file/],
    [{ test: " " }, "test: is empty"],
  ])("refuses %j", async (news, expected) => {
    expect(await complaints(news)).toContainEqual(
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    );
  });

  it("marks what is secret in the connection", async () => {
    const { inputs } = await check({ connection });
    const marked = inputs["connection"] as Record<string, unknown>;
    expect(JSON.stringify(marked["privateKey"])).toContain("1b47061264138c4ac30d75fd1eb44270");
    expect(marked["host"]).toBe("web-1.example.com");
  });
});

describe("comparing a site", () => {
  const args = {
    connection,
    serverNames: ["example.com"],
    root: "/srv",
    configFile: "/etc/nginx/conf.d/example.com.conf",
  };
  const olds = {
    config: "server {}\n",
    configFile: args.configFile,
    sha256: "00",
    stateVersion: 1,
    __arguments: args,
    __state: { ownerId: "token" },
  };
  const diff = (news: object, state: object = {}) =>
    nginxSiteHandler.diff("id", { ...olds, ...state }, { ...args, __urn: "urn", ...news });

  it("sees no change in the same arguments", async () => {
    expect(await diff({})).toEqual({ changes: false });
  });

  it.each([
    { root: "/other" },
    { serverNames: ["example.com", "www.example.com"] },
    { root: undefined, proxyPass: "http://127.0.0.1:1" },
    { challenge: { thumbprint: UNKNOWN } },
    { test: "true" },
    { reload: "true" },
    { connection: { ...connection, user: "deploy" } },
    { connection: { ...connection, port: 2222 } },
    { triggers: ["again"] },
    { connection: UNKNOWN },
    { connection: { ...connection, host: UNKNOWN } },
  ])("updates in place for %j", async (news) => {
    expect(await diff(news)).toEqual({ changes: true });
  });

  it.each([
    [{ connection: { ...connection, host: "web-2.example.com" } }, ["connection"]],
    [{ connection: "local" }, ["connection"]],
    [{ configFile: "/etc/nginx/conf.d/b.conf" }, ["configFile"]],
  ])("replaces for %j", async (news, replaces) => {
    expect(await diff(news)).toEqual({ changes: true, replaces });
  });

  it("takes another spelling of the host for the same one", async () => {
    const next = { ...connection, host: "WEB-1.example.com." };
    expect(await diff({ connection: next })).toEqual({ changes: true });
  });

  it("does not take credentials that are not known yet for a change", async () => {
    expect(await diff({ connection: { ...connection, password: UNKNOWN } })).toEqual({
      changes: false,
    });
  });

  it("repairs what a refresh found to be changed", async () => {
    expect(await diff({}, { __state: { ownerId: "token", drift: ["it is gone"] } })).toEqual({
      changes: true,
    });
  });
});
