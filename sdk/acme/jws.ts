/** JSON Web Signatures as RFC 8555 requires them. */
import { FlattenedSign } from "jose";
import type { AccountKey } from "./keys";

/** Who signs: an account, or a key that has none yet. */
export type Signer =
  | { readonly accountUrl: string; readonly key: AccountKey }
  | { readonly accountUrl?: undefined; readonly key: AccountKey };

/** The MAC algorithms of external account binding. */
export type MacAlgorithm = "HS256" | "HS384" | "HS512";

/**
 * The body of an authenticated request: `protected`, `payload` and `signature`, and nothing else.
 *
 * The header has `alg`, `nonce`, `url`, and either `kid` (the account's URL exactly as the CA gave it) or `jwk`.
 *
 * @param payload - sent as JSON; `undefined` is POST-as-GET, whose payload is the empty string
 * @see RFC 8555 §6.2, Request Authentication; §6.3, GET and POST-as-GET Requests
 */
export async function signRequest(
  signer: Signer,
  request: { readonly url: string; readonly nonce: string; readonly payload: object | undefined },
): Promise<string> {
  const { key } = signer;
  const identity =
    signer.accountUrl === undefined ? { jwk: key.publicJwk } : { kid: signer.accountUrl };
  const signed = await new FlattenedSign(bytesOf(request.payload))
    .setProtectedHeader({
      alg: key.algorithm,
      nonce: request.nonce,
      url: request.url,
      ...identity,
    })
    .sign(key.privateKey);
  return JSON.stringify(signed);
}

/**
 * The inner JWS of a key change, signed by the new key. It has no nonce.
 *
 * @see RFC 8555 §7.3.5, Account Key Rollover
 */
export async function signKeyChange(
  newKey: AccountKey,
  url: string,
  payload: { readonly account: string; readonly oldKey: AccountKey["publicJwk"] },
): Promise<object> {
  return new FlattenedSign(bytesOf(payload))
    .setProtectedHeader({ alg: newKey.algorithm, jwk: newKey.publicJwk, url })
    .sign(newKey.privateKey);
}

/**
 * The inner JWS of an external account binding: the account's public key under the CA's MAC key. It has no nonce.
 *
 * @see RFC 8555 §7.3.4, External Account Binding
 */
export async function signExternalAccountBinding(
  binding: {
    readonly keyId: string;
    readonly hmacKey: Uint8Array;
    readonly algorithm: MacAlgorithm;
  },
  url: string,
  key: AccountKey,
): Promise<object> {
  return new FlattenedSign(bytesOf(key.publicJwk))
    .setProtectedHeader({ alg: binding.algorithm, kid: binding.keyId, url })
    .sign(binding.hmacKey);
}

function bytesOf(payload: object | undefined): Uint8Array {
  return new TextEncoder().encode(payload === undefined ? "" : JSON.stringify(payload));
}
