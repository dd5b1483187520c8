/** What `ServiceConfig` makes of its arguments, and of a change of them, before any host is asked. */
import { describe, expect, it } from "vitest";

import type { Properties } from "../../../../sdk/provider/engine/handler";
import { serviceConfigHandler } from "../../../../sdk/provider/service-config";
import { decideServiceConfig } from "../../../../sdk/provider/service-config/decide";
import type { ServiceConfigArguments } from "../../../../sdk/provider/service-config/arguments";
import { digestOf } from "../../../../sdk/provider/engine/rules";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const VALID = { connection: "local", path: "/etc/haproxy/haproxy.cfg", content: "global\n" };

async function complaints(news: Properties): Promise<string[]> {
  const { failures } = await serviceConfigHandler.check({}, { ...VALID, ...news });
  return failures.map(({ path, reason }) => `${path}: ${reason}`);
}

describe("checking a configuration", () => {
  it("takes every argument, and leaves them as they are", async () => {
    const news = {
      ...VALID,
      service: ["postfix", "dovecot"],
      mode: "0640",
      owner: "root",
      group: 8,
      commentPrefix: "//",
      test: "true",
      reload: "true",
      verify: { address: "[::1]:465", tls: true, serverName: "a.example", timeout: "5s" },
      triggers: [1],
      forgetUnreachable: true,
    };
    expect(await complaints({ ...news, group: "8" })).toEqual([]);
    expect(await complaints(news)).toEqual(["group: must be a text, not a number"]);
  });

  it.each([
    { commentPrefix: false },
    { commentPrefix: ";" },
    { verify: false },
    { verify: "report" },
    { service: "haproxy", verify: {} },
    { content: "" },
    { content: "{\n  admin off\n}\n" },
    { content: "[mysqld]\nssl_cert = /x\n" },
    { path: UNKNOWN, content: UNKNOWN, commentPrefix: UNKNOWN, verify: UNKNOWN, service: UNKNOWN },
    { verify: { address: UNKNOWN } },
    { service: [UNKNOWN], verify: {} },
  ])("takes %j", async (news) => {
    expect(await complaints(news)).toEqual([]);
  });

  it.each([
    [{ path: "haproxy.cfg" }, "path: must be an absolute path"],
    [{ path: "/etc/../x" }, "path: must be an absolute path"],
    [{ path: "/etc/x/.pulumi-acme" }, "path: must be an absolute path"],
    [{ content: undefined }, "content: is missing"],
    [{ content: 1 }, "content: must be a text"],
    [{ mode: "rw" }, "mode: must be an octal mode"],
    [{ owner: "a:b" }, "owner: must be a name or a number"],
    [{ commentPrefix: "--" }, 'commentPrefix: must be "#", "//", ";" or false'],
    [{ commentPrefix: true }, 'commentPrefix: must be "#", "//", ";" or false'],
    [{ service: "haprox" }, "service: must be one of"],
    [{ verify: true }, 'verify: must be an object, "report" or false'],
    [{ verify: {} }, "verify.address: must be given with a port"],
    [{ verify: { address: "web" } }, "verify.address: must be given with a port"],
    [{ verify: { adress: "web:1" } }, 'verify.adress: unknown argument; did you mean "address"?'],
    [{ contents: "x" }, 'contents: unknown argument; did you mean "content"?'],
    [{ content: "#!/bin/sh\n" }, "commentPrefix: must be false for this content: a script begins"],
    [{ content: '<?xml version="1.0"?>\n' }, "commentPrefix: must be false for this content: XML"],
    [{ content: ' { "a": 1 }\n' }, "commentPrefix: must be false for this content: JSON"],
    [{ content: "[]", commentPrefix: "//" }, "commentPrefix: must be false for this content: JSON"],
  ])("refuses %j", async (news, complaint) => {
    expect((await complaints(news)).join()).toContain(complaint);
  });

  it("shows no content in a complaint", async () => {
    const content = '{ "password": "Tr0ub4dor" }';
    expect((await complaints({ content, mode: "x" })).join()).not.toContain("Tr0ub4dor");
  });
});

describe("a change of", () => {
  const args = VALID as ServiceConfigArguments;
  const state = {
    __arguments: { ...args, content: digestOf(args.content) },
    __state: { ownerId: "own" },
    path: args.path,
    sha256: "00",
  };
  const decide = (more: object) => decideServiceConfig(state, { ...args, ...more });

  it.each([
    ["nothing", {}, "none"],
    [
      "defaults written out",
      { mode: "0644", commentPrefix: "#", forgetUnreachable: false },
      "none",
    ],
    ["the content", { content: "defaults\n" }, "write"],
    ["the content to one that is not known yet", { content: UNKNOWN }, "write"],
    ["the mode", { mode: "0600" }, "write"],
    ["the owner", { owner: "haproxy" }, "write"],
    ["the prefix", { commentPrefix: ";" }, "write"],
    ["a trigger", { triggers: [1] }, "write"],
    ["the reload", { reload: "true" }, "settings"],
    ["the service", { service: "haproxy" }, "settings"],
    ["what has to answer", { verify: false }, "settings"],
    ["the path", { path: "/etc/x" }, "replace"],
  ])("%s: %j", (_what, more, action) => {
    expect(decide(more).action).toBe(action);
  });

  it("nothing, where it is not known what became of the first attempt, writes", () => {
    expect(decideServiceConfig({ ...state, sha256: undefined }, args)).toMatchObject({
      action: "write",
      reason: expect.stringContaining("the first attempt") as string,
    });
  });
});
