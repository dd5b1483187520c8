/** Transaction signatures. That BIND accepts them, and that its own are accepted, is shown in test/dns. */
import { describe, expect, it } from "vitest";

import { encodeUpdate } from "../../../sdk/dns/message";
import { sign, type TsigKey, verify } from "../../../sdk/dns/tsig";

const key: TsigKey = { name: "Key.Example", secret: Buffer.alloc(32, 7), algorithm: "hmac-sha256" };
const now = 1_900_000_000;
const change = { name: "_acme-challenge.a.example", value: "v", ttl: 60 };
const update = encodeUpdate(4711, "a.example", "add", [change]);

/** A reply of a holder of `by` to the request with that MAC: as a request, with the MAC before what is signed. */
function reply(by: TsigKey, time: number): { message: Buffer; requestMac: Buffer } {
  // Two bytes of length and no bytes of MAC are what an empty request MAC amounts to; a request signs neither.
  const { message, mac } = sign(update, by, time);
  return { message, requestMac: mac };
}

describe("a transaction signature", () => {
  it("covers the request that the answer is for", () => {
    const { message, requestMac } = reply(key, now);
    expect(verify(message, key, requestMac, now)).toEqual({
      kind: "invalid",
      reason: "its signature is wrong",
    });
  });

  it("is missed, and not taken from another key or algorithm", () => {
    expect(verify(update, key, Buffer.alloc(32), now)).toEqual({
      kind: "invalid",
      reason: "it has no signature",
    });
    for (const other of [
      { ...key, name: "other" },
      { ...key, algorithm: "hmac-sha512" as const },
    ]) {
      expect(verify(reply(other, now).message, key, Buffer.alloc(32), now)).toMatchObject({
        reason: "it is signed by another key or algorithm",
      });
    }
  });

  it("makes sense of no garbage", () => {
    const { message } = sign(update, key, now);
    for (let length = 12; length < message.length; length += 1) {
      expect(verify(message.subarray(0, length), key, Buffer.alloc(32), now).kind).toBe("invalid");
    }
    const loop = Buffer.from(message);
    loop.writeUInt16BE(0xc00c, 12);
    expect(verify(loop, key, Buffer.alloc(32), now).kind).toBe("invalid");
  });

  it("names the key in lower case, and the message's own id (RFC 8945 §4.2, §4.3.3)", () => {
    const { message } = sign(update, key, now);
    const record = message.subarray(update.length);
    expect(record.subarray(0, 13)).toEqual(Buffer.from("\x03key\x07example\x00", "latin1"));
    expect(message.readUInt16BE(10)).toBe(1);
    expect(record.subarray(-6)).toEqual(Buffer.from([4711 >> 8, 4711 & 255, 0, 0, 0, 0]));
  });
});

describe("an update", () => {
  it("deletes single records by class NONE, TTL 0 (RFC 2136 §2.5.4)", () => {
    const changes = [change, { ...change, name: "_acme-challenge.b.a.example", value: "w" }];
    const added = encodeUpdate(1, "a.example", "add", changes);
    const deleted = encodeUpdate(1, "a.example", "delete", changes);
    expect(deleted).toHaveLength(added.length);
    const first = Buffer.from(
      "\x0f_acme-challenge\x01a\x07example\x00\x00\x10\x00\xfe\x00\x00\x00\x00\x00\x02\x01v",
      "latin1",
    );
    expect(deleted.subarray(27, 27 + first.length)).toEqual(first);
    expect(deleted.subarray(-13)).toEqual(
      Buffer.from("\x00\x00\x10\x00\xfe\x00\x00\x00\x00\x00\x02\x01w", "latin1"),
    );
    expect(added.subarray(-13)).toEqual(
      Buffer.from("\x00\x00\x10\x00\x01\x00\x00\x00\x3c\x00\x02\x01w", "latin1"),
    );
  });
});
