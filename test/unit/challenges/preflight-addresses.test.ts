/** Where a name points, as a CA finds out. */
import { getServers, setServers } from "node:dns";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { checkHttp01 } from "../../../sdk/challenges/http-01";
import { lookUp } from "../../../sdk/challenges/preflight/addresses";
import * as hostsFile from "../../../sdk/challenges/preflight/hosts-file";
import { checkTlsAlpn01 } from "../../../sdk/challenges/tls-alpn-01";
import { context, proofOf } from "../../support/ca/proofs";
import { dnsServer } from "../../support/dns/dns-server";
import { freePort } from "../../support/process/ports";

const { signal } = new AbortController();
const machine = getServers();

/** Makes servers those that this process asks. */
function asks(...servers: string[]): void {
  setServers(servers);
  // `setServers` puts another function in the place of `getServers`.
  syncBuiltinESMExports();
}

beforeEach(async () => {
  const server = await dnsServer({ "a.example": ["192.0.2.1", "::1"], "none.example": [] });
  onTestFinished(server.stop);
  asks(server.address);
});
afterEach(() => {
  asks(...machine);
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function hostsFileSays(...addresses: string[]): void {
  vi.spyOn(hostsFile, "hostsFileAddresses").mockResolvedValue(addresses);
}

describe("the address of a name", () => {
  it("is what DNS says, whatever the hosts file says (simple-acme#185)", async () => {
    hostsFileSays("127.0.1.1");
    expect(await lookUp("a.example", [], signal)).toEqual({
      kind: "found",
      inDns: true,
      addresses: [
        { address: "::1", family: 6 },
        { address: "192.0.2.1", family: 4 },
      ],
    });
  });

  it("is the hosts file's where DNS has none, unless resolvers are given", async () => {
    hostsFileSays("127.0.1.1");
    expect(await lookUp("b.example", [], signal)).toEqual({
      kind: "found",
      inDns: false,
      addresses: [{ address: "127.0.1.1", family: 4 }],
    });
    expect(await lookUp("b.example", getServers(), signal)).toEqual({
      kind: "absent",
      reason: "DNS knows no such name",
    });
  });

  it("is asked for by the whole name alone, whatever this machine's search list says", async () => {
    const server = await dnsServer({ "web.corp.test": ["192.0.2.9"] });
    onTestFinished(server.stop);
    asks(server.address);
    vi.stubEnv("LOCALDOMAIN", "corp.test");
    vi.stubEnv("RES_OPTIONS", "ndots:5");
    expect(await lookUp("web", [], signal)).toMatchObject({ kind: "absent" });
    expect([...server.asked].sort()).toEqual(["web A", "web AAAA"]);
  });

  it("is unknown to DNS, or not there", async () => {
    expect(await lookUp("b.invalid", [], signal)).toMatchObject({ kind: "absent" });
    expect(await lookUp("none.example", [], signal)).toEqual({
      kind: "absent",
      reason: "DNS has neither an A nor an AAAA record for it",
    });
    expect(await lookUp("localhost", [], signal)).toMatchObject({ kind: "found", inDns: true });
  });

  it.each([
    ["http-01", checkHttp01],
    ["tls-alpn-01", checkTlsAlpn01],
  ] as const)("is no reason to stop %s where only the hosts file has it", async (type, check) => {
    hostsFileSays("127.0.0.1");
    const port = await freePort();
    const words = context();
    const pause = () => Promise.resolve();
    const options = { ...words, pause, httpPort: port, tlsPort: port };
    await check([proofOf("b.example", "dns", type)], options);
    expect(words.warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /cannot be checked from here.*connection refused; b\.example is in this machine's hosts file, and not in DNS/,
        ),
      ],
    ]);
  });
});

describe("a hosts file", () => {
  it("is read without comments, in any case, with all names of a line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "acme-hosts-"));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, "hosts");
    writeFileSync(
      file,
      "127.0.0.1 localhost\r\n127.0.1.1\tWeb.Example web # c.example\n# 10.0.0.1 web\nx web\n::1 web\n",
    );
    expect(await hostsFile.hostsFileAddresses("web.example", file)).toEqual(["127.0.1.1"]);
    expect(await hostsFile.hostsFileAddresses("web", file)).toEqual(["127.0.1.1", "::1"]);
    expect(await hostsFile.hostsFileAddresses("c.example", file)).toEqual([]);
    expect(await hostsFile.hostsFileAddresses("web", join(folder, "none"))).toEqual([]);
  });
});
