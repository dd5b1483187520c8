/** One-time passwords by time. Pure. @see RFC 6238, RFC 4226 §5.3, RFC 4648 §6 */
import { createHmac } from "node:crypto";

/** How long each is good for. */
export const STEP_MS = 30_000;
const DIGITS = 6;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param secret - base32 */
export function totp(secret: string, now: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS)));
  const digest = createHmac("sha1", base32Decoded(secret) ?? "")
    .update(counter)
    .digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  const number = digest.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, "0");
}

/** `undefined` for what is not base32; case, blanks and padding do not matter. */
export function base32Decoded(text: string): Buffer | undefined {
  const chars =
    text
      .replace(/[\s=-]/g, "")
      .toUpperCase()
      .match(/./gu) ?? [];
  const digits = chars.map((char) => BASE32.indexOf(char));
  if (digits.includes(-1)) return undefined;
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
