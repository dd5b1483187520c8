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
