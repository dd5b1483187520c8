/** PEM text: its blocks, and what stands outside of them. Every step takes time linear in the length of the text. Pure. */

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string;
  /** Between the first line and the last one. */
  readonly body: string;
  /** The whole block. */
  readonly text: string;
}

export interface PemText {
  readonly blocks: readonly PemBlock[];
  /** Everything else, without white space at its ends. */
  readonly outside: string;
  /** A block begins outside of all blocks: it is cut off, or its last line does not match its first one. */
  readonly isDamaged: boolean;
}

const DASHES = "-----";
const FIRST_LINE = /-----BEGIN ([^-\r\n]{1,64})-----/g;

/** @see RFC 7468 §2, General Considerations */
export function readPem(pem: string): PemText {
  const blocks: PemBlock[] = [];
  const outside: string[] = [];
  let at = 0;
  for (const { 0: firstLine, 1: label = "", index } of pem.matchAll(FIRST_LINE)) {
    const start = index + firstLine.length;
    const end = pem.indexOf(DASHES, start);
    const lastLine = `${DASHES}END ${label}${DASHES}`;
    if (end === -1 || !pem.startsWith(lastLine, end)) continue;
    outside.push(pem.slice(at, index));
    at = end + lastLine.length;
    blocks.push({ label, body: pem.slice(start, end), text: pem.slice(index, at) });
  }
  outside.push(pem.slice(at));
  const rest = outside.join("").trim();
  return { blocks, outside: rest, isDamaged: rest.includes(`${DASHES}BEGIN`) };
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
