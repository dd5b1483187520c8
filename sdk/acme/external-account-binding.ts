/** The key that a CA hands out with a customer's contract. Pure. */
import { ConfigurationError } from "../util/errors";
import { singleLine } from "../util/text";
import type { MacAlgorithm } from "./jws";

/** @see RFC 8555 §7.3.4, External Account Binding */
export interface ExternalAccountBinding {
  readonly keyId: string;
  /** base64url or base64. Secret. */
  readonly hmacKey: string;
  /** Default `HS256`. */
  readonly algorithm?: MacAlgorithm;
}

/**
 * The bytes of an HMAC key as CAs print it: base64url or base64, padded or not, with white space around it or in it.
 *
 * @returns `undefined` if it cannot be decoded, or holds nothing
 */
export function decodeHmacKey(text: string): Uint8Array | undefined {
  const match = /^([A-Za-z0-9+/_-]+)={0,2}$/.exec(text.replace(/\s+/g, ""));
  const digits = match?.[1]?.replaceAll("+", "-").replaceAll("/", "_");
  // One digit over a multiple of four holds no whole byte.
  if (digits === undefined || digits.length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(digits, "base64url"));
}

/** @throws {@link ConfigurationError} that does not repeat the key */
export function checkedHmacKey(
  what: string,
  binding: ExternalAccountBinding,
): { keyId: string; hmacKey: Uint8Array; algorithm: MacAlgorithm } {
  const hmacKey = decodeHmacKey(binding.hmacKey);
  if (hmacKey === undefined) {
    throw new ConfigurationError(
      `acme: ${what}: the hmacKey of the external account binding ${singleLine(binding.keyId, 100)} is empty or not base64url`,
    );
  }
  return { keyId: binding.keyId, hmacKey, algorithm: binding.algorithm ?? "HS256" };
}
