import { spawnSync } from "node:child_process";
import { createServer } from "node:net";

import { describe, expect, it, onTestFinished } from "vitest";

import {
  isLoopbackOnly,
  portFactsCommand,
  readPortFacts,
  refusalOf,
} from "../../../sdk/hosts/port-facts";

const row = (address: string): string =>
  `   0: ${address}:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0\n`;
const output = (uid: string, from: string, system: string, ...addresses: string[]): string =>
  `${uid}\n${from}\n${system}\n${addresses.map(row).join("")}`;

const IPV4_ALL = "00000000";
const IPV4_LOOPBACK = "0100007F";
const IPV6_ALL = "0".repeat(32);
const IPV6_LOOPBACK = "00000000000000000000000001000000";

describe("the facts of a port", () => {
  it("are read from what the host prints", () => {
    expect(readPortFacts(output("0", "1024", "linux", IPV4_ALL, IPV6_LOOPBACK))).toEqual({
      uid: 0,
      unprivilegedFrom: 1024,
      listening: [IPV4_ALL, IPV6_LOOPBACK],
    });
    expect(readPortFacts(output("1000", "80", "linux"))?.listening).toEqual([]);
    expect(readPortFacts(output("501", "1024", "other"))?.listening).toBeUndefined();
  });

  it.each(["", "This account is not available.\n", "uid=0(root)\n1024\nlinux\n"])(
    "are not known from %j",
    (words) => {
      expect(readPortFacts(words)).toBeUndefined();
    },
  );

  it("are what this machine says about itself, and of this port alone", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as { port: number };
    const ask = (of: number): ReturnType<typeof readPortFacts> =>
      readPortFacts(
        spawnSync("/bin/sh", ["-c", portFactsCommand(of)], { encoding: "utf8" }).stdout,
      );
    expect(ask(port)).toMatchObject({ uid: process.getuid?.(), listening: [IPV4_LOOPBACK] });
    expect(ask(1)?.listening).toEqual([]);
  });
});

describe("whether a port is bound on the loopback interface alone", () => {
  it.each([
    [[IPV4_LOOPBACK, IPV6_LOOPBACK], true],
    [["0200007F"], true],
    [[IPV4_LOOPBACK, IPV6_ALL], false],
    [[IPV4_ALL], false],
    // 192.0.2.127, which ends where 127.0.0.1 begins.
    [["7F0200C0"], false],
    [[], false],
  ])("%j: %s", (listening, expected) => {
    expect(isLoopbackOnly({ uid: 0, unprivilegedFrom: 1024, listening })).toBe(expected);
  });

  it("is not claimed where nothing is known", () => {
    expect(isLoopbackOnly({ uid: 0, unprivilegedFrom: 1024, listening: undefined })).toBe(false);
  });
});

describe("why a host does not forward a port", () => {
  const facts = (uid: number, listening?: string[], unprivilegedFrom = 1024) => ({
    uid,
    unprivilegedFrom,
    listening,
  });

  it.each([
    [
      "something listens",
      80,
      facts(0, [IPV4_ALL]),
      "port-in-use",
      "another program on the host has the port",
    ],
    [
      "something listens, and the login could not either",
      80,
      facts(1000, [IPV4_ALL]),
      "port-in-use",
      "another program on the host has the port",
    ],
    [
      "the login is not root",
      80,
      facts(1000, []),
      "permission",
      "deploy may not bind ports below 1024 there: log in as root, or set net.ipv4.ip_unprivileged_port_start=80 by sysctl on the host",
    ],
    [
      "only sshd is left",
      80,
      facts(0, []),
      "permission",
      "the host forbids it: its sshd_config needs AllowTcpForwarding yes (or remote), and a PermitListen, if there is one, for port 80",
    ],
    [
      "the host lets everybody bind the port",
      80,
      facts(1000, [], 80),
      "permission",
      "the host forbids it: its sshd_config needs AllowTcpForwarding yes (or remote), and a PermitListen, if there is one, for port 80",
    ],
    [
      "the port is high",
      8080,
      facts(1000, []),
      "permission",
      "the host forbids it: its sshd_config needs AllowTcpForwarding yes (or remote), and a PermitListen, if there is one, for port 8080",
    ],
    [
      "nothing is known",
      80,
      undefined,
      "permission",
      "the host refused it: another program may have the port, deploy may not be allowed to bind it, or sshd forbids it (its sshd_config needs AllowTcpForwarding yes (or remote), and a PermitListen, if there is one, for port 80)",
    ],
  ] as const)("%s", (_, port, known, code, detail) => {
    const asked =
      known === undefined
        ? undefined
        : { ...known, listening: known.listening && [...known.listening] };
    expect(refusalOf(port, "deploy", asked)).toEqual({ code, detail });
  });
});
