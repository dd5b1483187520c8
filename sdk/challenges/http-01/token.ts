/** What is checked of a token before it becomes a path. Pure. @see RFC 8555 §8.3 */
import { isValidToken } from "../../util/challenge";
import { ChallengeError, type Proof } from "../solver";

/**
 * The proof's token.
 *
 * @throws {@link ChallengeError} for anything else than base64url, or for less than 128 bits (RFC 8555 §8.3).
 */
export function checkedToken(proof: Proof): string {
  if (isValidToken(proof.token)) return proof.token;
  const name = proof.identifier.value;
  throw new ChallengeError(
    `http-01 for ${name}: the CA sent a token that is not base64url text of at least 22 characters, which is refused`,
  );
}
