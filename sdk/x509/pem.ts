/** Certificates as PEM text. Read strictly, because it comes from outside and is written to files. */
import { X509Certificate } from "node:crypto";

import { decodeBase64, encodePem, readPem } from "../util/pem";
import { readElement } from "./der";

/** A certificate or chain is wrong. The message says what. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";

  /** It can be read, but is for another key or has expired: a new order may bring the right one. */
  readonly isMismatch: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isMismatch?: boolean } = {}) {
    super(message, options);
    this.isMismatch = options.isMismatch === true;
  }
}

/** Ten times the longest chain that a CA sends. */
const MAX_LENGTH = 256 * 1024;

/**
 * The certificates of `pem` in their order, each encoded anew with lines of 64 characters and one trailing newline.
 *
 * @throws {@link CertificateError} for anything but certificates: another block (a private key, above all), text
 *   outside of blocks, no certificate, one that cannot be read.
 * @see RFC 8555 §9.1 and §11.4
 * @see RFC 7468 §3, the strict form
 */
export function splitCertificates(pem: string): string[] {
  if (pem.length > MAX_LENGTH) throw new CertificateError("the PEM text is too long");
  const { blocks, outside, isDamaged } = readPem(pem);
  const other = blocks.find(({ label }) => label !== "CERTIFICATE");
  if (other !== undefined) {
    // The label is text from outside, and not quoted.
    const what = other.label.endsWith("PRIVATE KEY") ? "a private key" : "another PEM block";
    throw new CertificateError(`the PEM text holds ${what} besides certificates`);
  }
  if (isDamaged) {
    throw new CertificateError("the PEM text is cut off, or one of its blocks is damaged");
  }
  if (outside !== "") {
    throw new CertificateError("the PEM text holds something besides certificates");
  }
  if (blocks.length === 0) throw new CertificateError("the PEM text holds no certificate");
  return blocks.map(({ body }, index) => encodePem("CERTIFICATE", decode(body, index + 1)));
}

function decode(body: string, place: number): Buffer {
  const broken = `certificate ${String(place)} of the PEM text cannot be read`;
  const der = decodeBase64(body);
  if (der === undefined) throw new CertificateError(`${broken}: it is not base64`);
  try {
    // Octets after the certificate are ignored by some readers and used by others.
    if (readElement(der, 0).end !== der.length) throw new RangeError("trailing octets");
    new X509Certificate(der);
  } catch {
    throw new CertificateError(`${broken}: it is not a certificate`);
  }
  return der;
}
