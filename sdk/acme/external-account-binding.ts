/** External account binding: the MAC key that ties an ACME account to a customer's account. Pure. */
import { ConfigurationError } from "../util/errors";
import { decodeHmacKey } from "../util/hmac-key";
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
