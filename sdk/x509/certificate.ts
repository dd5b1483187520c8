/** The contents of a certificate. */
import { X509Certificate } from "node:crypto";

import { sha256Of } from "../util/sha256";
import { readChildren, readElement, TAG } from "./der";
import { spkiSha256 } from "./keys";
import { OID, x509 } from "./library";
import { subjectNames } from "./names";
import { CertificateError, splitCertificates } from "./pem";

export interface CertificateFacts {
  /** Lower case, sorted. */
  dnsNames: string[];
  /** RFC 5952, sorted. */
  ipAddresses: string[];
  /** Lower-case hexadecimal, without a leading `00`. */
  serialNumber: string;
  /** Lower-case hexadecimal of the DER's SHA-256. */
  fingerprintSha256: string;
  /** Base64 of the SHA-256 of the SubjectPublicKeyInfo. */
  publicKeySha256: string;
  notBefore: Date;
  notAfter: Date;
  /** Empty where the issuer's name has no common name. */
  issuerCommonName: string;
  subjectCommonName?: string;
  /** The `keyIdentifier` octets; absent where the certificate has none. */
  authorityKeyIdentifier?: Uint8Array;
  /** The content octets of the serial number's INTEGER, with the leading `00` where there is one: RFC 9773 §4.1 wants these. */
  serialNumberDer: Uint8Array;
}

/**
 * The facts about a certificate, the first one where `pem` is a chain.
 *
 * @throws {@link CertificateError} where it cannot be read.
 */
export function describeCertificate(pem: string): CertificateFacts {
  const [first = ""] = splitCertificates(pem);
  const certificate = new X509Certificate(first);
  const der = certificate.raw;
  try {
    const parsed = new x509.X509Certificate(der);
    const { dnsNames, ipAddresses } = subjectNames(parsed.extensions);
    const serialNumberDer = serialNumberOctets(der);
    const { notBefore, notAfter } = parsed;
    // @peculiar/x509 reads any text as some date; OpenSSL, like the servers that use it, does not.
    if ([certificate.validFrom, certificate.validTo].includes("Bad time value")) {
      throw new RangeError("no date");
    }
    return {
      dnsNames,
      ipAddresses,
      serialNumber: Buffer.from(serialNumberDer)
        .toString("hex")
        .replace(/^00(?=.)/, ""),
      fingerprintSha256: sha256Of(der),
      publicKeySha256: spkiSha256(certificate.publicKey),
      notBefore,
      notAfter,
      issuerCommonName: parsed.issuerName.getField("CN")[0] ?? "",
      subjectCommonName: parsed.subjectName.getField("CN")[0],
      authorityKeyIdentifier: keyIdentifier(parsed),
      serialNumberDer,
    };
  } catch (cause) {
    throw new CertificateError("the certificate cannot be read: one of its fields is malformed", {
      cause,
    });
  }
}

function keyIdentifier(certificate: x509.X509Certificate): Uint8Array | undefined {
  const extension = certificate.extensions.find(({ type }) => type === OID.authorityKeyIdentifier);
  if (extension === undefined) return undefined;
  const { keyId } = new x509.AuthorityKeyIdentifierExtension(extension.rawData);
  return keyId === undefined ? undefined : Buffer.from(keyId, "hex");
}

/* Both @peculiar/x509 and node:crypto drop the leading zero octet. RFC 5280 §4.1: version [0] is optional, the serial number follows. */
function serialNumberOctets(der: Uint8Array): Uint8Array {
  const [tbsCertificate] = readChildren(der, readElement(der, 0));
  if (tbsCertificate === undefined) throw new RangeError("no TBSCertificate");
  const serialNumber = readChildren(der, tbsCertificate).find(({ tag }) => tag === TAG.integer);
  if (serialNumber === undefined) throw new RangeError("no serial number");
  return der.slice(serialNumber.start, serialNumber.end);
}
