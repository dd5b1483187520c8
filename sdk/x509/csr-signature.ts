/** Whether a certification request was signed by its own key. On node:crypto alone. */
import { type KeyObject, verify } from "node:crypto";

import { ConfigurationError } from "../util/errors";
import { readChildren, readElement, TAG } from "./der";

/** Hash by signature algorithm; Ed25519 has its own. */
const SIGNATURE_HASHES: Record<string, string | null> = {
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
};

/**
 * Verifies the signature over the octets as received.
 *
 * @throws {@link ConfigurationError} if it is wrong, missing, or made by an algorithm that CAs refuse.
 * @see RFC 2986 §4.2: CertificationRequest ::= SEQUENCE { certificationRequestInfo, signatureAlgorithm, signature }
 */
export function verifyRequestSignature(der: Uint8Array, publicKey: KeyObject): void {
  const { tbs, algorithm, signature } = signedParts(der);
  const hash = SIGNATURE_HASHES[algorithm];
  if (hash === undefined) {
    throw new ConfigurationError(
      "the certificate request is signed by an algorithm that CAs do not accept; use SHA-256 or better with RSA or ECDSA, or Ed25519",
    );
  }
  let valid: boolean;
  try {
    valid = verify(hash, tbs, publicKey, signature);
  } catch (cause) {
    throw damaged(cause);
  }
  if (!valid) {
    throw new ConfigurationError(
      "the certificate request's signature is not its own key's: it was changed after signing",
    );
  }
}

interface SignedParts {
  /** What was signed: an element with its tag and length. */
  readonly tbs: Uint8Array;
  /** Object identifier of the signature algorithm. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/* From the octets as received: a library might encode them differently. */
function signedParts(der: Uint8Array): SignedParts {
  try {
    const outer = readElement(der, 0);
    const [info, algorithm, signature, ...rest] = readChildren(der, outer);
    const identifier = algorithm === undefined ? undefined : readChildren(der, algorithm)[0];
    if (
      info?.tag !== TAG.sequence ||
      algorithm?.tag !== TAG.sequence ||
      identifier?.tag !== TAG.objectIdentifier ||
      signature?.tag !== TAG.bitString ||
      der[signature.start] !== 0 || // unused bits
      rest.length > 0
    ) {
      throw new RangeError("not a CertificationRequest");
    }
    return {
      tbs: der.subarray(outer.start, info.end),
      algorithm: objectIdentifier(der.subarray(identifier.start, identifier.end)),
      signature: der.subarray(signature.start + 1, signature.end),
    };
  } catch (cause) {
    throw damaged(cause);
  }
}

/** Dotted decimal of an OBJECT IDENTIFIER's content. @see ITU-T X.690 §8.19 */
function objectIdentifier(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join(".");
}

/** Without details: the remedy is a new request. */
export function damaged(cause?: unknown): ConfigurationError {
  return new ConfigurationError("the certificate request is damaged and cannot be read", { cause });
}
