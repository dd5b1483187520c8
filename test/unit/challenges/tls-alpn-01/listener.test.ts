import { createServer } from "node:net";

import { describe, expect, it } from "vitest";

import { listener } from "../../../../sdk/challenges/tls-alpn-01";
import { serverNameOf } from "../../../../sdk/challenges/tls-alpn-01/server-name";
import { tlsAlpnFault } from "../../../../sdk/x509/tls-alpn";
import { freePort, isListening } from "../../../support/process/ports";
import { context, proofOf } from "../../../support/ca/proofs";
import { answerTo, askAsCa, helloOf, shakeHands } from "../../../support/ca/tls-clients";

const here = "127.0.0.1";

describe("the name in SNI", () => {
  it.each([
    ["dns", "www.Example.org", "www.example.org"],
    ["ip", "192.0.2.1", "1.2.0.192.in-addr.arpa"],
    // RFC 8738 §6, RFC 3596 §2.5.
    ["ip", "2001:db8::1", `1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`],
    [
      "ip",
      "4321:0:1:2:3:4:567:89ab",
      "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
    ],
    ["ip", "::1", `1.${"0.".repeat(31)}ip6.arpa`],
    ["ip", "fe80::", `${"0.".repeat(28)}0.8.e.f.ip6.arpa`],
  ] as const)("of the %s %s is %s", (type, value, expected) => {
    expect(serverNameOf({ type, value })).toBe(expected);
  });
});

describe("a listener for tls-alpn-01", () => {
  it("shows each name's certificate to a CA, several at once, addresses too, and then closes", async () => {
    const port = await freePort();
    const proofs = [
      proofOf("a.example"),
      proofOf("b.example"),
      proofOf("127.0.0.1", "ip"),
      proofOf("::1", "ip"),
    ];
    const presentation = await listener({ port, address: here }).present(proofs, context());
    for (const { identifier, keyAuthorization } of proofs) {
      const { certificate, protocol } = await askAsCa(port, serverNameOf(identifier));
      expect(protocol).toBe("acme-tls/1");
      expect(tlsAlpnFault(certificate ?? Buffer.alloc(0), identifier, keyAuthorization)).toBe(
        undefined,
      );
    }
    await presentation.cleanUp();
    await presentation.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("speaks TLS 1.2 and 1.3, and nothing older", async () => {
    const port = await freePort();
    const presentation = await listener({ port, address: here }).present(
      [proofOf("a.example")],
      context(),
    );
    const ask = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3"): Promise<unknown> =>
      shakeHands(port, {
        servername: "a.example",
        ALPNProtocols: ["acme-tls/1"],
        minVersion: version,
        maxVersion: version,
        // Node's own defaults refuse the old ones before they are sent.
        ciphers: "ALL:@SECLEVEL=0",
      });
    await ask("TLSv1.2");
    await ask("TLSv1.3");
    await expect(ask("TLSv1.1")).rejects.toThrow(/protocol version|closed|disconnected/);
    await presentation.cleanUp();
  });

  it("gives no certificate to anybody else (RFC 8737 §3)", async () => {
    const port = await freePort();
    const presentation = await listener({ port, address: here }).present(
      [proofOf("a.example")],
      context(),
    );
    const others = [
      { servername: "a.example" },
      { servername: "a.example", ALPNProtocols: ["h2", "http/1.1"] },
      { servername: "a.example", ALPNProtocols: ["acme-tls/1", "h2"] },
      { servername: "other.example", ALPNProtocols: ["acme-tls/1"] },
      { ALPNProtocols: ["acme-tls/1"] },
    ];
    for (const options of others) {
      await expect(shakeHands(port, options)).rejects.toThrow(/no application protocol/);
      // One alert, and nothing besides: no certificate is in there.
      const answer = await answerTo(port, await helloOf(options));
      expect([...answer]).toEqual([21, 3, 3, 0, 2, 2, 120]);
    }
    expect(await answerTo(port, "GET / HTTP/1.1\r\n\r\n")).toHaveLength(0);
    expect((await askAsCa(port, "a.example")).protocol).toBe("acme-tls/1");
    await presentation.cleanUp();
  });

  it("answers a CA whose first words come in pieces", async () => {
    const port = await freePort();
    const presentation = await listener({ port, address: here }).present(
      [proofOf("a.example")],
      context(),
    );
    const hello = await helloOf({ servername: "a.example", ALPNProtocols: ["acme-tls/1"] });
    const pieces = createServer((near) => {
      // Between a client and the listener: everything byte by byte at first.
      void (async () => {
        const { connect } = await import("node:net");
        const far = connect({ host: here, port, noDelay: true });
        near.on("error", () => undefined);
        far.on("error", () => undefined).pipe(near);
        let sent = 0;
        near.on("data", (chunk: Buffer) => {
          for (const octet of chunk.subarray(0, Math.max(0, 40 - sent)))
            far.write(Buffer.from([octet]));
          far.write(chunk.subarray(Math.max(0, 40 - sent)));
          sent += chunk.length;
        });
        near.on("end", () => far.end());
      })();
    });
    await new Promise<void>((resolve) => pieces.listen(0, here, resolve));
    const slow = (pieces.address() as { port: number }).port;
    expect((await askAsCa(slow, "a.example")).protocol).toBe("acme-tls/1");
    // Half of it and no more: nothing is said.
    expect(await answerTo(port, hello.subarray(0, hello.length / 2))).toHaveLength(0);
    pieces.close();
    await presentation.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("is shared by certificates that are proven at the same time; of two for one name the second waits", async () => {
    const port = await freePort();
    const solve = listener({ port, address: here });
    const [a, b, again] = [proofOf("a.example"), proofOf("b.example"), proofOf("a.example")];
    const waiting = context();
    const [first, second] = await Promise.all([
      solve.present([a], context()),
      listener({ port, address: here }).present([b], context()),
    ]);
    const third = solve.present([again, proofOf("c.example")], waiting);
    await expect
      .poll(() => waiting.progress.mock.calls)
      .toContainEqual(["waits for the other proof of a.example to finish"]);
    const shown = async (): Promise<string | undefined> => {
      const { certificate } = await askAsCa(port, "a.example");
      return tlsAlpnFault(certificate ?? Buffer.alloc(0), a.identifier, a.keyAuthorization);
    };
    expect(await shown()).toBeUndefined();
    await first.cleanUp();
    const later = await third;
    expect(await shown()).toBe("a certificate for another token or another account");
    await second.cleanUp();
    await expect(askAsCa(port, "b.example")).rejects.toThrow("no application protocol");
    await later.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("gives up waiting with the issuance, and closes", async () => {
    const port = await freePort();
    const solve = listener({ port, address: here });
    const first = await solve.present([proofOf("a.example")], context());
    const controller = new AbortController();
    const second = solve.present([proofOf("a.example")], {
      ...context(),
      signal: controller.signal,
    });
    controller.abort(new Error("stopped by the test"));
    await expect(second).rejects.toThrow("stopped by the test");
    await first.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("says that another program has the port, and what to do", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, here, resolve));
    const { port } = other.address() as { port: number };
    const solve = listener({ port, address: here });
    await expect(solve.present([proofOf("a.example")], context())).rejects.toMatchObject({
      name: "ChallengeError",
      message: expect.stringMatching(
        /^tls-alpn-01 for a\.example: this machine: listen on port \d+: another program has the port; if that is a web server, prove the names by http-01 or dns-01 instead$/,
      ) as string,
    });
    await new Promise((resolve) => other.close(resolve));
    const presentation = await solve.present([proofOf("a.example")], context());
    await presentation.cleanUp();
  });
});
