/** tls-alpn-01 before a real CA: on this machine, and through SSH. */
import { X509Certificate } from "node:crypto";

import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";

import { tunnel as httpTunnel, checkHttp01 } from "../../sdk/challenges/http-01";
import { checkTlsAlpn01, listener, tunnel } from "../../sdk/challenges/tls-alpn-01";
import type { AccountCredentials, AcmeIdentifier } from "../../sdk/acme";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { isListening } from "../support/process/ports";
import { startSshd, type Sshd } from "../support/ssh/sshd";
import { describeWithTools } from "../support/process/tools";
import { cuttable } from "../support/ssh/cuttable-host";
import { context } from "../support/ca/proofs";
import { connect, dnsNames, register, type TestClient } from "../support/ca/issue";
import { issueBy, type Proving } from "../support/ca/prove";

const ip = (value: string): AcmeIdentifier => ({ type: "ip", value });
/** Sorted, because the CA has an order of its own. */
const namesOf = (chainPem: string): string | undefined =>
  new X509Certificate(chainPem).subjectAltName?.split(", ").sort().join(", ");
const pause = (): Promise<void> => Promise.resolve();

describeWithTools(
  ["pebble", "pebble-challtestsrv", "sshd", "ssh-keygen"],
  "tls-alpn-01 with Pebble",
  () => {
    let pebble: Pebble;
    let sshd: Sshd;
    let client: TestClient;
    let credentials: AccountCredentials;

    beforeAll(async () => {
      [pebble, sshd] = await Promise.all([startPebble(), startSshd()]);
      client = connect(pebble);
      credentials = await register(client.client);
    });
    afterAll(async () => {
      await client.close();
      await sshd.stop();
      await pebble.stop();
    });

    const proving = (more: Pick<Proving, "solver"> & Partial<Proving>): Proving => ({
      client: client.client,
      credentials,
      beforeAsking: async (proofs) => {
        const options = context();
        const resolvers = [pebble.dns.dnsAddress];
        await checkTlsAlpn01(proofs, { ...options, tlsPort: pebble.tlsPort, resolvers, pause });
        expect(options.warn).not.toHaveBeenCalled();
      },
      ...more,
    });

    it("proves several names and an address at once by a listener, and leaves the port", async () => {
      const solver = listener({ port: pebble.tlsPort, address: "127.0.0.1" });
      const chain = await issueBy(proving({ solver }), [
        ...dnsNames("a.example", "b.example", "www.c.example"),
        ip("127.0.0.1"),
      ]);
      expect(namesOf(chain)).toBe(
        "DNS:a.example, DNS:b.example, DNS:www.c.example, IP Address:127.0.0.1",
      );
      expect(await isListening(pebble.tlsPort)).toBe(false);
    });

    it("proves an IPv6 address (RFC 8738)", async () => {
      const solver = listener({ port: pebble.tlsPort });
      const chain = await issueBy(proving({ solver }), [ip("::1"), ip("127.0.0.1")]);
      expect(namesOf(chain)).toBe("IP Address:0:0:0:0:0:0:0:1, IP Address:127.0.0.1");
    });

    it("serves ten certificates that are proven at the same time on one port", async () => {
      const names = Array.from({ length: 10 }, (_, index) => `n${String(index)}.example`);
      const chains = await Promise.all(
        names.map((name) =>
          issueBy(
            proving({ solver: listener({ port: pebble.tlsPort, address: "127.0.0.1" }) }),
            dnsNames(name),
          ),
        ),
      );
      expect(chains.map(namesOf)).toEqual(names.map((name) => `DNS:${name}`));
      expect(await isListening(pebble.tlsPort)).toBe(false);
    });

    it("proves one name for two certificates at the same time, one after the other", async () => {
      const solver = listener({ port: pebble.tlsPort, address: "127.0.0.1" });
      const chains = await Promise.all(
        [1, 2].map(() => issueBy(proving({ solver }), dnsNames("twice.example"))),
      );
      expect(chains.map(namesOf)).toEqual(["DNS:twice.example", "DNS:twice.example"]);
    });

    it("proves names and an address by a tunnel from another host's port", async () => {
      const solver = tunnel({ connection: sshd.connection, port: pebble.tlsPort });
      const identifiers = [...dnsNames("tunnel.example"), ip("127.0.0.1")];
      const chain = await issueBy(proving({ solver }), identifiers);
      expect(namesOf(chain)).toBe("DNS:tunnel.example, IP Address:127.0.0.1");
      expect(await isListening(pebble.tlsPort)).toBe(false);
    });

    it("proves names and an address by http-01 through a tunnel", async () => {
      const solver = httpTunnel({ connection: sshd.connection, port: pebble.httpPort });
      const beforeAsking: Proving["beforeAsking"] = (proofs) =>
        checkHttp01(proofs, {
          ...context(),
          httpPort: pebble.httpPort,
          resolvers: [pebble.dns.dnsAddress],
          pause,
        });
      const identifiers = [...dnsNames("web.example", "www.web.example"), ip("127.0.0.1")];
      const chain = await issueBy(proving({ solver, beforeAsking }), identifiers);
      expect(namesOf(chain)).toBe("DNS:web.example, DNS:www.web.example, IP Address:127.0.0.1");
      expect(await isListening(pebble.httpPort)).toBe(false);
    });

    it("is found invalid by the CA, and by the preflight, where another account's proof is shown", async () => {
      const stranger = listener({ port: pebble.tlsPort, address: "127.0.0.1" });
      const solver: Proving["solver"] = {
        ...stranger,
        present: (proofs, options) =>
          stranger.present(
            proofs.map((proof) => ({ ...proof, keyAuthorization: `${proof.token}.other` })),
            options,
          ),
      };
      const names = dnsNames("wrong.example");
      await expect(issueBy(proving({ solver }), names)).rejects.toThrow(
        /^tls-alpn-01 for wrong\.example: 127\.0\.0\.1:\d+ shows a certificate for another token or another account: check where/,
      );
      const unchecked = proving({ solver, beforeAsking: () => Promise.resolve() });
      await expect(issueBy(unchecked, names)).rejects.toThrow(
        /^invalid: Incorrect validation certificate for tls-alpn-01 challenge/,
      );
      expect(await isListening(pebble.tlsPort)).toBe(false);
    });

    it("says that the tunnel was cut in the middle", async () => {
      const way = await cuttable(sshd.port);
      onTestFinished(() => way.close());
      const connection = { ...sshd.connection, port: way.port };
      const solver = tunnel({ connection, port: pebble.tlsPort });
      const seen: (string | undefined)[] = [];
      const cut: Proving["beforeAsking"] = async (_, presentation) => {
        way.cut();
        await expect.poll(() => presentation.broken?.()).toBeDefined();
        seen.push(presentation.broken?.());
        await expect.poll(() => isListening(pebble.tlsPort)).toBe(false);
      };
      await expect(
        issueBy(proving({ solver, beforeAsking: cut }), dnsNames("cut.example")),
      ).rejects.toThrow(/^invalid: .*(refused|connect)/i);
      expect(seen).toEqual([
        expect.stringMatching(/: the connection to the host was cut, and the tunnel with it$/),
      ]);
    });
  },
);
