/** Which changes of a connection call for a look at the host. */
import { describe, expect, it } from "vitest";

import type { Connection, Target } from "../../../../sdk/hosts/host";
import { mayBeAnotherMachine } from "../../../../sdk/provider/arguments/machine";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function key(name: string): string {
  const type = "ssh-ed25519";
  const parts = [type, name.padEnd(32, "-")].map((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return Buffer.concat([length, Buffer.from(part)]);
  });
  return `${type} ${Buffer.concat(parts).toString("base64")}`;
}

const [a, b, c] = [key("a"), key("b"), key("c")];
const host = "web-1.example.com";
const old: Connection = { host, user: "root", privateKey: "p", hostKey: `${a}\n${b}` };
const known = (...lines: string[]): Connection => ({
  host,
  knownHosts: lines.map((line) => `${line}\n`).join(""),
});
const jump: Connection = { host: "jump.example.com", hostKey: a };

describe("another machine may have the place of a host", () => {
  it.each<[string, Target, Target]>([
    ["none of its keys is accepted any more", old, { ...old, hostKey: c }],
    [
      "its keys are not pinned any more",
      old,
      { ...old, hostKey: undefined, insecureIgnoreHostKey: true },
    ],
    ["known_hosts has another key for it", known(`${host} ${a}`), known(`${host} ${b}`)],
    ["its key stands for another host", known(`${host} ${a}`), known(`other ${a}`, `${host} ${b}`)],
    ["its key is revoked", known(`${host} ${a}`), known(`@revoked ${host} ${a}`, `${host} ${b}`)],
    ["its key is not known yet", old, { ...old, hostKey: UNKNOWN }],
    ["another port", old, { ...old, port: 2222 }],
    ["a port that is not known yet", old, { ...old, port: UNKNOWN as unknown as number }],
    ["a jump host", old, { ...old, proxy: jump }],
    ["no jump host any more", { ...old, proxy: jump }, old],
    ["another jump host", { ...old, proxy: jump }, { ...old, proxy: { ...jump, host: "jump-2" } }],
    ["a jump host made anew", { ...old, proxy: jump }, { ...old, proxy: { ...jump, hostKey: b } }],
    [
      "a jump host at another port",
      { ...old, proxy: jump },
      { ...old, proxy: { ...jump, port: 23 } },
    ],
    [
      "a jump host that is not known yet",
      { ...old, proxy: jump },
      { ...old, proxy: UNKNOWN as never },
    ],
    ["this machine", old, "local"],
  ])("%s", (_what, before, after) => {
    expect(mayBeAnotherMachine(before, after)).toBe(true);
  });
});

describe("it is the machine that was known", () => {
  it.each<[string, Target, Target]>([
    ["nothing changed", old, { ...old }],
    ["this machine", "local", "local"],
    ["one of its keys is still accepted", old, { ...old, hostKey: `${c}\n${b}` }],
    ["the same key from known_hosts", old, known(`${host} ${a}`)],
    ["the same key with a comment", old, { ...old, hostKey: `${a} root@web-1` }],
    ["another host's line in known_hosts", known(`${host} ${a}`), known(`${host} ${a}`, `x ${b}`)],
    ["its key was not known before", { ...old, hostKey: undefined }, { ...old, hostKey: c }],
    ["other credentials", old, { ...old, user: "deploy", privateKey: undefined, password: "x" }],
    ["the usual port, written out", old, { ...old, port: 22 }],
    [
      "other credentials for the jump host",
      { ...old, proxy: jump },
      { ...old, proxy: { ...jump, user: "x" } },
    ],
    ["other patience", old, { ...old, dialErrorLimit: 1, perDialTimeout: 5, sudo: true }],
  ])("%s", (_what, before, after) => {
    expect(mayBeAnotherMachine(before, after)).toBe(false);
  });
});
