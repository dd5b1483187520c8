/** The certificate that answers a tls-alpn-01 challenge: creating and checking one. @see RFC 8737 §3 */
import { createHash, timingSafeEqual } from "node:crypto";

import { canonicalAddress } from "../util/names";
import { x509 } from "./library";
import { subjectAlternativeName, subjectNames } from "./names";
import { selfSigned, type SelfSigned } from "./self-signed";

export interface ChallengedName {
  readonly type: "dns" | "ip";
  readonly value: string;
}

/** id-pe-acmeIdentifier, RFC 8737 §6.1. */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";

/** A self-signed certificate with its key, for this one challenge. Valid for days around now, for clocks that differ. */
export function createTlsAlpnCertificate(
  { type, value }: ChallengedName,
  keyAuthorization: string,
): Promise<SelfSigned> {
  // Not the name: a common name has at most 64 characters.
  return selfSigned("tls-alpn-01 challenge", { before: 7, after: 7 }, [
    type === "dns" ? subjectAlternativeName([value], []) : subjectAlternativeName([], [value]),
    new x509.Extension(ACME_IDENTIFIER, true, acmeIdentifier(keyAuthorization)),
  ]);
}

/** Why a CA would refuse the certificate as an answer to the challenge; `undefined`: it would not. */
export function tlsAlpnFault(
  der: Uint8Array,
  name: ChallengedName,
  keyAuthorization: string,
): string | undefined {
  let extensions: readonly x509.Extension[];
  let names: ReturnType<typeof subjectNames>;
  try {
    ({ extensions } = new x509.X509Certificate(der));
    names = subjectNames(extensions);
  } catch {
    return "a certificate that cannot be read";
  }
  const found = extensions.filter(({ type }) => type === ACME_IDENTIFIER);
  const [extension] = found;
  if (extension === undefined || found.length > 1) {
    return "a certificate that is not one for this challenge (it has no acmeIdentifier)";
  }
  if (!extension.critical) return "a certificate whose acmeIdentifier is not critical";
  const all = [...names.dnsNames, ...names.ipAddresses, ...names.others];
  const wanted =
    name.type === "dns" ? name.value.toLowerCase() : canonicalAddress(name.value).toLowerCase();
  const [only] = name.type === "dns" ? names.dnsNames : names.ipAddresses;
  if (all.length !== 1 || only !== wanted) {
    return `a certificate for ${all.length === 0 ? "no name" : all.slice(0, 3).join(", ")}`;
  }
  const [given, right] = [new Uint8Array(extension.value), acmeIdentifier(keyAuthorization)];
  return given.length === right.length && timingSafeEqual(given, right)
    ? undefined
    : "a certificate for another token or another account";
}

/** DER: an OCTET STRING of the 32 octets of SHA-256. */
function acmeIdentifier(keyAuthorization: string): Uint8Array<ArrayBuffer> {
  const digest = createHash("sha256").update(keyAuthorization).digest();
  return new Uint8Array([0x04, digest.length, ...digest]);
}
