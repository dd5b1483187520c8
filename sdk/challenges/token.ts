/** The check of a token that a CA sent, before it becomes a path, a record or an argument of a program. Pure. */
import { isValidToken } from "../util/challenge";
import { ChallengeError, type Proof } from "./solver";

/**
 * The proof's token.
 *
 * @throws {@link ChallengeError} for anything else than base64url, or for less than 128 bits (RFC 8555 §8.3, §8.4).
 */
export function checkedToken({ type, identifier, token }: Proof): string {
  if (isValidToken(token)) return token;
  throw new ChallengeError(
    `${type} for ${identifier.value}: the CA sent a token that is not base64url text of at least 22 characters, which is refused`,
  );
}
