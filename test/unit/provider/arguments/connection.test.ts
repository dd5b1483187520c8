import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { expectedKeys } from "../../../../sdk/hosts/host-key";
import {
  connectionSchema,
  sameDestination,
  targetSchema,
} from "../../../../sdk/provider/arguments/connection";
import { object } from "../../../../sdk/schema/builders";
import { PUTTY_ED25519 } from "../../../support/ssh/putty-keys";
import { failuresOf } from "../../../../sdk/provider/arguments/failures";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const PRIVATE_KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const GOOD = { host: "web-1.example.com", hostKey: HOST_KEY, privateKey: PRIVATE_KEY };
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function failures(connection: Record<string, unknown>): string[] {
  return failuresOf(connectionSchema, connection).map(({ path, reason }) =>
    path === "" ? reason : `${path}: ${reason}`,
  );
}

describe("a connection", () => {
  it("may hold everything that the contract names", () => {
    const whole = {
      ...GOOD,
      port: 2222,
      user: "deploy",
      password: "p",
      privateKeyPassword: "q",
      agentSocketPath: "/run/agent",
      knownHosts: `web-1.example.com ${HOST_KEY}\n`,
      insecureIgnoreHostKey: false,
      dialErrorLimit: 3,
      perDialTimeout: 5,
      proxy: { host: "jump", hostKey: HOST_KEY, password: "p" },
      sudo: true,
      sudoPassword: "r",
      transport: "ssh2",
    };
    expect(failures(whole)).toEqual([]);
  });

  it("needs a way to know the host, or the decision to do without", () => {
    const without = { ...GOOD, hostKey: undefined };
    expect(failures(without)).toEqual([
      expect.stringContaining("hostKey or knownHosts must be given"),
    ]);
    expect(failures({ ...without, insecureIgnoreHostKey: false })).toHaveLength(1);
    expect(failures({ ...without, insecureIgnoreHostKey: true })).toEqual([]);
    expect(failures({ ...without, knownHosts: `* ${HOST_KEY}` })).toEqual([]);
  });

  it("needs a way to log in", () => {
    expect(failures({ host: "web-1", hostKey: HOST_KEY })).toEqual([
      expect.stringMatching(
        /^privateKey, password or agentSocketPath must be given, or transport: "openssh" where/,
      ),
    ]);
  });

  it("names the nearest known argument, also in a jump host", () => {
    expect(failures({ ...GOOD, username: "x" })).toEqual([
      expect.stringMatching(/^username: unknown argument/),
    ]);
    expect(failures({ ...GOOD, proxy: { ...GOOD, hostkey: HOST_KEY } })).toEqual([
      'proxy.hostkey: unknown argument; did you mean "hostKey"?',
    ]);
  });

  it.each([
    ["hostKey", "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"],
    ["hostKey", "SHA256:abc"],
    ["hostKey", `${HOST_KEY}\nssh-rsa AAAA`],
    ["hostKey", `@revoked * ${HOST_KEY}`],
    ["hostKey", `web-1 comment ${HOST_KEY}`],
    ["knownHosts", "~/.ssh/known_hosts"],
    ["knownHosts", HOST_KEY],
    ["privateKey", "/root/.ssh/id_ed25519"],
    ["host", "root@web-1"],
    ["host", "-oProxyCommand=id"],
    ["host", "web-1 x"],
    ["user", "-x"],
    ["port", 0],
    ["port", 65536],
    ["port", "22"],
    ["dialErrorLimit", 1.5],
    ["transport", "telnet"],
  ])("refuses %s %j", (name, value) => {
    expect(failures({ ...GOOD, [name]: value })).toEqual([
      expect.stringMatching(`^${name}: must be `),
    ]);
  });

  it("with a private key that cannot be read is refused before anything connects", () => {
    const encrypted = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey;
    const proxy = { ...GOOD, privateKey: encrypted };
    expect(failures({ ...GOOD, privateKey: encrypted })).toEqual([
      "privateKey: cannot be read: it is encrypted, and privateKeyPassword is missing",
    ]);
    expect(failures({ ...GOOD, proxy: { ...proxy, privateKeyPassword: "q" } })).toEqual([
      "proxy.privateKey: cannot be read: privateKeyPassword is wrong, or the key is damaged",
    ]);
    expect(failures({ ...GOOD, privateKey: encrypted, privateKeyPassword: "p" })).toEqual([]);
    expect(failures({ ...GOOD, privateKey: encrypted, privateKeyPassword: UNKNOWN })).toEqual([]);
    expect(failures({ ...GOOD, privateKey: PUTTY_ED25519 })).toEqual([
      expect.stringMatching(/^privateKey: is a PuTTY key/),
    ]);
  });

  it("takes a hostKey among blank lines and comments, indented ones too", () => {
    const hostKey = `# web-1\n\n  # from the console\n  ${HOST_KEY}\n`;
    expect(failures({ ...GOOD, hostKey })).toEqual([]);
    expect(expectedKeys({ host: "web-1", hostKey }).accepted).toHaveLength(1);
  });

  it("never repeats a secret in what it says", () => {
    const said = failures({
      ...GOOD,
      privateKey: "hunter2",
      password: { a: "hunter2" },
      port: "hunter2",
    });
    expect(said).toHaveLength(3);
    expect(said.join()).not.toContain("hunter2");
  });

  it("takes what is not known yet for right", () => {
    expect(failures({ ...GOOD, host: UNKNOWN, hostKey: UNKNOWN, port: UNKNOWN })).toEqual([]);
    expect(
      failures({ host: "web-1", hostKey: HOST_KEY, proxy: UNKNOWN, password: UNKNOWN }),
    ).toEqual([]);
  });
});

describe("a target", () => {
  const schema = object({ connection: targetSchema });
  it("is a connection, or this machine by the word local", () => {
    expect(failuresOf(schema, { connection: "local" })).toEqual([]);
    expect(failuresOf(schema, { connection: GOOD })).toEqual([]);
    expect(failuresOf(schema, { connection: UNKNOWN })).toEqual([]);
    expect(failuresOf(schema, { connection: "localhost" })).toEqual([
      { path: "connection", reason: 'must be a connection, or "local" for this machine' },
    ]);
    expect(failuresOf(schema, { connection: { ...GOOD, port: -1 } })[0]?.path).toBe(
      "connection.port",
    );
  });
});

describe("the destination", () => {
  it("is the host alone: port, user, credentials and jump host are the way to it", () => {
    const here = { host: "web-1.example.com", user: "root", password: "a" };
    const there = { host: "Web-1.example.com.", port: 23, user: "x", proxy: { host: "jump" } };
    expect(sameDestination(here, there)).toBe(true);
    expect(sameDestination(here, { ...here, host: "web-2.example.com" })).toBe(false);
    expect(sameDestination(here, "local")).toBe(false);
    expect(sameDestination("local", "local")).toBe(true);
  });
});
