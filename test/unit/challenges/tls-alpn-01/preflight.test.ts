import { createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

import { describe, expect, it, onTestFinished, vi } from "vitest";

import {
  checkTlsAlpn01,
  listener,
  type TlsAlpn01PreflightOptions,
} from "../../../../sdk/challenges/tls-alpn-01";
import { createTlsAlpnCertificate } from "../../../../sdk/x509/tls-alpn";
import { startChallTestServer } from "../../../support/ca/challtestsrv";
import { freePort } from "../../../support/process/ports";
import { describeWithTools } from "../../../support/process/tools";
import { context, proofOf as anyProofOf } from "../../../support/ca/proofs";

const proofOf = (value: string, identifierType?: "dns" | "ip") =>
  anyProofOf(value, identifierType, "tls-alpn-01");

type Pause = NonNullable<TlsAlpn01PreflightOptions["pause"]>;
const pause: Pause = () => Promise.resolve();

/** A TLS server on 127.0.0.1 that shows `options`' certificate. */
async function tlsServer(options: TlsOptions): Promise<number> {
  const server = createTlsServer(options);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as { port: number }).port;
}

const address = proofOf("127.0.0.1", "ip");

async function certificateFor(proof = address): Promise<TlsOptions> {
  const made = await createTlsAlpnCertificate(proof.identifier, proof.keyAuthorization);
  return { cert: made.certificatePem, key: made.privateKeyPem };
}

/** Without the final words that every complaint has. */
const refused = (text: string): string =>
  `tls-alpn-01 for 127.0.0.1: ${text} (the CA was not asked; preflight: false skips this check)`;

describe("the preflight of tls-alpn-01", () => {
  it("lets through what a CA would find valid, and says nothing", async () => {
    const port = await freePort();
    const solver = listener({ port, address: "127.0.0.1" });
    const presentation = await solver.present([address], context());
    const options = context();
    await checkTlsAlpn01([address], { ...options, tlsPort: port });
    expect(options.warn).not.toHaveBeenCalled();
    expect(options.progress).toHaveBeenCalledWith(
      "asks for the challenge of 127.0.0.1 as the CA will",
    );
    await presentation.cleanUp();
  });

  it.each([
    [
      "another TLS server, which refuses the protocol",
      { ALPNProtocols: ["h2"] },
      /^tls-alpn-01 for 127\.0\.0\.1: the TLS server at 127\.0\.0\.1:\d+ refuses acme-tls\/1 for this name: check where the name points, and which program has the port \(/,
    ],
    [
      "another TLS server, which ignores the protocol",
      {},
      /: 127\.0\.0\.1:\d+ speaks TLS, but not acme-tls\/1: check where/,
    ],
    [
      "another certificate",
      { ALPNProtocols: ["acme-tls/1"] },
      /: 127\.0\.0\.1:\d+ shows a certificate for b\.example: check where/,
    ],
  ])("stops at %s", async (_, options, complaint) => {
    const port = await tlsServer({ ...(await certificateFor(proofOf("b.example"))), ...options });
    const check = checkTlsAlpn01([address], { ...context(), tlsPort: port, pause });
    await expect(check).rejects.toMatchObject({
      name: "ChallengeError",
      message: expect.stringMatching(complaint) as string,
    });
  });

  it("stops at the certificate of another account, after looking again twice", async () => {
    const port = await tlsServer({
      ...(await certificateFor(proofOf("127.0.0.1", "ip"))),
      ALPNProtocols: ["acme-tls/1"],
    });
    const waits = vi.fn<Pause>(pause);
    const check = checkTlsAlpn01([address], { ...context(), tlsPort: port, pause: waits });
    await expect(check).rejects.toThrow("shows a certificate for another token or another account");
    expect(waits.mock.calls.map(([wait]) => wait)).toEqual([300, 1200]);
  });

  it("stops at a loopback port that refuses: the CA is on this machine, too", async () => {
    const port = await freePort();
    const check = checkTlsAlpn01([address], { ...context(), tlsPort: port, pause });
    await expect(check).rejects.toThrow(refused(`127.0.0.1:${String(port)}: connection refused`));
  });

  it("only warns of a port that closes, and of an address without a route: the CA may see more", async () => {
    const server = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const options = context();
    await checkTlsAlpn01([address], { ...options, tlsPort: port, pause });
    expect(options.warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^tls-alpn-01 for 127\.0\.0\.1: cannot be checked from here, the CA may see more: 127\.0\.0\.1:\d+: /,
        ),
      ],
    ]);
    server.close();
  });

  it("names all names that fail, in their order", async () => {
    const port = await freePort();
    const proofs = [address, proofOf("127.0.0.2", "ip"), proofOf("127.0.0.3", "ip")];
    const check = checkTlsAlpn01(proofs, { ...context(), tlsPort: port, pause });
    await expect(check).rejects.toThrow(
      /^tls-alpn-01 for 127\.0\.0\.1: .*; tls-alpn-01 for 127\.0\.0\.2: .*; tls-alpn-01 for 127\.0\.0\.3: /,
    );
  });

  it("stops with the issuance", async () => {
    const options = { ...context(), signal: AbortSignal.abort(new Error("stopped by the test")) };
    const check = checkTlsAlpn01([address], { ...options, tlsPort: await freePort() });
    await expect(check).rejects.toThrow("stopped by the test");
  });
});

describeWithTools(
  ["pebble-challtestsrv"],
  "the preflight of tls-alpn-01 with a CA's resolver",
  () => {
    it("finds the name where that resolver says, stops where it says nothing, and tells of IPv6 that refuses", async () => {
      const dns = await startChallTestServer();
      onTestFinished(() => dns.stop());
      await dns.setDefaultIp("", "");
      await dns.addA("a.example", "127.0.0.1");
      await dns.addAaaa("a.example", "::1");
      const port = await freePort();
      const proof = proofOf("a.example");
      const presentation = await listener({ port, address: "127.0.0.1" }).present(
        [proof],
        context(),
      );
      const options = context();
      const settings = { ...options, tlsPort: port, resolvers: [dns.dnsAddress], pause };
      await checkTlsAlpn01([proof], settings);
      expect(options.warn.mock.calls).toEqual([
        [
          `tls-alpn-01 for a.example: [::1]:${String(port)}: connection refused (a CA tries it first)`,
        ],
      ]);
      await expect(checkTlsAlpn01([proofOf("b.example")], settings)).rejects.toThrow(
        /^tls-alpn-01 for b\.example: DNS .*: create the A or AAAA record of b\.example first/,
      );
      await presentation.cleanUp();
    });
  },
);
