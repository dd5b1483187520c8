/** Transaction signatures on DNS messages: signing a request, verifying the reply to it. Pure. @see RFC 8945 */
import { createHmac, timingSafeEqual } from "node:crypto";

import { labelsAt } from "./wire-name";

/** RFC 8945 §6, those that a server of today may ask for. */
export const TSIG_ALGORITHMS = {
  "hmac-sha1": "sha1",
  "hmac-sha224": "sha224",
  "hmac-sha256": "sha256",
  "hmac-sha384": "sha384",
  "hmac-sha512": "sha512",
} as const;

export type TsigAlgorithm = keyof typeof TSIG_ALGORITHMS;

export interface TsigKey {
  readonly name: string;
  readonly secret: Buffer;
  readonly algorithm: TsigAlgorithm;
}

export interface Signed {
  readonly message: Buffer;
  /** What the reply's signature covers besides the reply. */
  readonly mac: Buffer;
}

/** `message`, which has no TSIG record yet, with one. `time` is in seconds. */
export function sign(message: Buffer, key: TsigKey, time: number): Signed {
  const variables = { time, fudge: FUDGE_SECONDS, error: 0, other: Buffer.alloc(0) };
  const mac = hmac(key, [message, coveredVariables(key, variables)]);
  const data = Buffer.concat([
    wireName(key.algorithm),
    uint48(time),
    uint16(FUDGE_SECONDS),
    uint16(mac.length),
    mac,
    message.subarray(0, 2),
    uint16(0),
    uint16(0),
  ]);
  const record = Buffer.concat([
    wireName(key.name),
    uint16(TYPE_TSIG),
    uint16(CLASS_ANY),
    Buffer.alloc(4),
    uint16(data.length),
    data,
  ]);
  const signed = Buffer.concat([message, record]);
  signed.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return { message: signed, mac };
}

export type Verification =
  | { readonly kind: "valid" }
  /** RFC 8945 §5.3.2: the server refused our signature. `serverTime`, in seconds, comes with BADTIME. */
  | { readonly kind: "refused"; readonly error: string; readonly serverTime?: number }
  /** No signature, or one that is not the server's. */
  | { readonly kind: "invalid"; readonly reason: string };

/** Whether `reply` is what a holder of `key` answered to the request with that `mac`. */
export function verify(reply: Buffer, key: TsigKey, requestMac: Buffer, now: number): Verification {
  const tsig = parse(reply);
  if (tsig === undefined) return { kind: "invalid", reason: "it has no signature" };
  const error = ERRORS[tsig.error];
  // These two cannot be signed: the server does not know the key, or has another secret.
  if (error === "BADKEY" || error === "BADSIG") return { kind: "refused", error };
  if (tsig.name !== key.name.toLowerCase() || tsig.algorithm !== key.algorithm) {
    return { kind: "invalid", reason: "it is signed by another key or algorithm" };
  }
  const stripped = Buffer.from(reply.subarray(0, tsig.start));
  stripped.writeUInt16BE(tsig.originalId, 0);
  stripped.writeUInt16BE(reply.readUInt16BE(10) - 1, 10);
  const prior = Buffer.concat([uint16(requestMac.length), requestMac]);
  const mac = hmac(key, [prior, stripped, coveredVariables(key, tsig)]);
  if (mac.length !== tsig.mac.length || !timingSafeEqual(mac, tsig.mac)) {
    return { kind: "invalid", reason: "its signature is wrong" };
  }
  if (error === "BADTIME") {
    const serverTime = tsig.other.length === 6 ? tsig.other.readUIntBE(0, 6) : undefined;
    return { kind: "refused", error, serverTime };
  }
  if (tsig.error !== 0) return { kind: "refused", error: error ?? `error ${String(tsig.error)}` };
  if (Math.abs(now - tsig.time) > tsig.fudge) {
    return { kind: "invalid", reason: "its signature is of another time" };
  }
  return { kind: "valid" };
}

/** RFC 8945 §5.2.3 recommends it. */
const FUDGE_SECONDS = 300;
const TYPE_TSIG = 250;
const CLASS_ANY = 255;
/** RFC 8945 §3. */
const ERRORS: Readonly<Record<number, string | undefined>> = {
  16: "BADSIG",
  17: "BADKEY",
  18: "BADTIME",
  22: "BADTRUNC",
};

interface Variables {
  readonly time: number;
  readonly fudge: number;
  readonly error: number;
  readonly other: Buffer;
}

/** RFC 8945 §4.3.3. */
function coveredVariables(key: TsigKey, { time, fudge, error, other }: Variables): Buffer {
  return Buffer.concat([
    wireName(key.name),
    uint16(CLASS_ANY),
    Buffer.alloc(4),
    wireName(key.algorithm),
    uint48(time),
    uint16(fudge),
    uint16(error),
    uint16(other.length),
    other,
  ]);
}

function hmac(key: TsigKey, parts: readonly Buffer[]): Buffer {
  const mac = createHmac(TSIG_ALGORITHMS[key.algorithm], key.secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

interface ParsedTsig extends Variables {
  /** Where the record begins in the message. */
  readonly start: number;
  readonly name: string;
  readonly algorithm: string;
  readonly mac: Buffer;
  readonly originalId: number;
}

/** The TSIG record, which is the last of a message (RFC 8945 §5.1); `undefined` where there is none, or it is malformed. */
function parse(message: Buffer): ParsedTsig | undefined {
  try {
    const records = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
    const [questions = 0, answers = 0, authorities = 0, additionals = 0] = records;
    if (additionals === 0) return undefined;
    let at = 12;
    for (let i = 0; i < questions; i++) at = nameAt(message, at).end + 4;
    for (let i = 0; i < answers + authorities + additionals - 1; i++) {
      const { end } = nameAt(message, at);
      at = end + 10 + message.readUInt16BE(end + 8);
    }
    const owner = nameAt(message, at);
    if (message.readUInt16BE(owner.end) !== TYPE_TSIG) return undefined;
    const algorithm = nameAt(message, owner.end + 10);
    let field = algorithm.end;
    const time = message.readUIntBE(field, 6);
    const fudge = message.readUInt16BE(field + 6);
    const macLength = message.readUInt16BE(field + 8);
    field += 10 + macLength;
    const otherLength = message.readUInt16BE(field + 4);
    return {
      start: at,
      name: owner.name,
      algorithm: algorithm.name,
      time,
      fudge,
      mac: message.subarray(field - macLength, field),
      originalId: message.readUInt16BE(field),
      error: message.readUInt16BE(field + 2),
      other: message.subarray(field + 6, field + 6 + otherLength),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The name at `at`, in lower case, and where it ends. */
function nameAt(message: Buffer, at: number): { readonly name: string; readonly end: number } {
  const { labels, end } = labelsAt(message, at);
  return { name: labels.join(".").toLowerCase(), end };
}

/** RFC 8945 §4.3.3: in canonical form, lower case and uncompressed. */
function wireName(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .replace(/\.$/, "")
    .split(".")
    .map((label) => Buffer.from(label, "latin1"));
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint48(value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value, 0, 6);
  return bytes;
}
