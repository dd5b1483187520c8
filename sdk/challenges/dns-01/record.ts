/** What is checked of a proof before a TXT record is made of it. Pure. */
import { isValidToken } from "../../util/challenge";
import { ChallengeError, type Proof } from "../solver";

/**
 * The proof, once it is sure that it can be answered by a record.
 *
 * @throws {@link ChallengeError} for an IP address, or for a token that is none: it goes to hooks and web services.
 */
export function checkedProof(proof: Proof): Proof {
  const { identifier, token, type } = proof;
  if (identifier.type !== "dns") {
    throw new ChallengeError(
      `${type} for ${identifier.value}: an address has no DNS records to prove it (RFC 8738 §7)`,
    );
  }
  if (isValidToken(token)) return proof;
  throw new ChallengeError(
    `${type} for ${identifier.value}: the CA sent a token that is not base64url text of at least 22 characters, which is refused`,
  );
}
