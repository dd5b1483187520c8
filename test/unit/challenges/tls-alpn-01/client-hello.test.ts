import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  createHelloReader,
  readClientHello,
} from "../../../../sdk/challenges/tls-alpn-01/client-hello";
import { helloOf } from "../../../support/ca/tls-clients";

/** The same message in records of at most `size` octets. */
function inRecordsOf(size: number, hello: Buffer): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let offset = 0; offset < message.length; offset += size) {
    const fragment = message.subarray(offset, offset + size);
    const header = Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 0xff]);
    records.push(header, fragment);
  }
  return Buffer.concat(records);
}

describe("reading a ClientHello", () => {
  it.each([
    ["a CA's", { servername: "A.example", ALPNProtocols: ["acme-tls/1"] }],
    [
      "one of TLS 1.2",
      { servername: "A.example", ALPNProtocols: ["acme-tls/1"], maxVersion: "TLSv1.2" },
    ],
  ] as const)("finds name and protocols in %s", async (_, { ALPNProtocols, ...options }) => {
    const hello = await helloOf({ ...options, ALPNProtocols: [...ALPNProtocols] });
    expect(readClientHello(hello)).toEqual({ serverName: "a.example", protocols: ["acme-tls/1"] });
  });

  it("finds what a browser sends, and what a client without SNI and ALPN does not", async () => {
    const browser = await helloOf({ servername: "b.example", ALPNProtocols: ["h2", "http/1.1"] });
    expect(readClientHello(browser)).toEqual({
      serverName: "b.example",
      protocols: ["h2", "http/1.1"],
    });
    expect(readClientHello(await helloOf({}))).toEqual({ serverName: undefined, protocols: [] });
  });

  it("waits for the rest, however it is cut", async () => {
    const hello = await helloOf({ servername: "a.example", ALPNProtocols: ["acme-tls/1"] });
    for (const whole of [hello, inRecordsOf(10, hello), inRecordsOf(100, hello)]) {
      for (let length = 0; length < whole.length; length++) {
        expect(readClientHello(whole.subarray(0, length))).toBe("incomplete");
      }
      expect(readClientHello(whole)).toEqual({
        serverName: "a.example",
        protocols: ["acme-tls/1"],
      });
    }
  });

  it("refuses other protocols, other messages, and what never ends", () => {
    expect(readClientHello(Buffer.from("GET / HTTP/1.1\r\n\r\n"))).toBeUndefined();
    expect(readClientHello(Buffer.from("SSH-2.0-x\r\n"))).toBeUndefined();
    // A ServerHello; one of 16 MiB; records without content.
    expect(readClientHello(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]))).toBeUndefined();
    expect(readClientHello(Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255]))).toBeUndefined();
    const empty = Buffer.concat(Array.from({ length: 4000 }, () => Buffer.from([22, 3, 1, 0, 0])));
    expect(readClientHello(empty)).toBeUndefined();
  });

  it("looks at each record once, however small the pieces are", async () => {
    const hello = inRecordsOf(
      10,
      await helloOf({ servername: "a.example", ALPNProtocols: ["acme-tls/1"] }),
    );
    const readMore = createHelloReader();
    const results = [...hello].map((octet) => readMore(Buffer.from([octet])));
    expect(new Set(results.slice(0, -1))).toEqual(new Set(["incomplete"]));
    expect(results.at(-1)).toEqual({ serverName: "a.example", protocols: ["acme-tls/1"] });
  });

  it("gives up after 4 KiB, and at the first record without content", () => {
    const record = Buffer.from([22, 3, 1, 0, 1, 1]);
    const readMore = createHelloReader();
    const begun = Buffer.from([22, 3, 1, 0, 4, 1, 0, 15, 0]);
    expect(readMore(begun)).toBe("incomplete");
    const results = Array.from({ length: 700 }, () => readMore(record));
    expect(results.filter((result) => result === "incomplete")).toHaveLength(681);
    expect(createHelloReader()(Buffer.from([22, 3, 1, 0, 0]))).toBeUndefined();
  });

  it("survives whatever is sent", async () => {
    const hello = await helloOf({ servername: "a.example", ALPNProtocols: ["acme-tls/1"] });
    const changes = fc.array(
      fc.record({ at: fc.nat(hello.length - 1), octet: fc.integer({ min: 0, max: 255 }) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(changes, (list) => {
        const damaged = Buffer.from(hello);
        for (const { at, octet } of list) damaged[at] = octet;
        readClientHello(damaged);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        readClientHello(Buffer.concat([Buffer.from([22, 3, 1, 1, 0, 1, 0, 0, 200]), octets]));
      }),
    );
  });
});
