/** Where an http-01 challenge is answered. Pure. @see RFC 8555 §8.3 */
import { ChallengeError, type Proof } from "../solver";

export const CHALLENGE_PATH = "/.well-known/acme-challenge/";

/**
 * The token, once it is sure that it is nothing but one: it comes from outside and becomes a path.
 *
 * @throws {@link ChallengeError} for anything else than base64url, or for less than 128 bits (RFC 8555 §8.3).
 */
export function checkedToken(proof: Proof): string {
  if (/^[A-Za-z0-9_-]{22,512}$/.test(proof.token)) return proof.token;
  const name = proof.identifier.value;
  throw new ChallengeError(
    `http-01 for ${name}: the CA sent a token that is not base64url text of at least 22 characters, which is refused`,
  );
}
