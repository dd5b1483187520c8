/** Certificates as PEM text. Read strictly, because it comes from outside and is written to files. */
import { X509Certificate } from "node:crypto";

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

const BLOCK = /-----BEGIN ([^\r\n]*?)-----\r?\n([^-]*)-----END ([^\r\n]*?)-----/g;

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
  const ders: Buffer[] = [];
  let end = 0;
  for (const match of pem.matchAll(BLOCK)) {
    refuseText(pem.slice(end, match.index));
    end = match.index + match[0].length;
    const [, label = "", body = "", endLabel] = match;
    if (label !== "CERTIFICATE" || endLabel !== label) {
      // The label is text from outside, and not quoted.
      const what = label.endsWith("PRIVATE KEY") ? "a private key" : "another PEM block";
      throw new CertificateError(`the PEM text holds ${what} besides certificates`);
    }
    ders.push(decode(body, ders.length + 1));
  }
  refuseText(pem.slice(end));
  if (ders.length === 0) throw new CertificateError("the PEM text holds no certificate");
  return ders.map((der) => encodePem("CERTIFICATE", der));
}

/** PEM with lines of 64 characters and one trailing newline. */
export function encodePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The octets of base64 text with line breaks; `undefined` where anything else is in it. */
export function decodeBase64(body: string): Buffer | undefined {
  const text = body.replace(/[\r\n\t ]+/g, "");
  // Buffer.from skips invalid characters; other readers may not.
  const octets = Buffer.from(text, "base64");
  return octets.toString("base64") === text ? octets : undefined;
}

function refuseText(between: string): void {
  if (between.trim() === "" && !between.includes("\0")) return;
  throw new CertificateError(
    between.includes("-----BEGIN")
      ? "the PEM text is cut off, or one of its blocks is damaged"
      : "the PEM text holds something besides certificates",
  );
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
