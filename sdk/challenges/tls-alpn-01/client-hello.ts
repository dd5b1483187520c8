/** Reading a ClientHello before the TLS handshake begins. Pure. @see RFC 8446 §4.1.2 */

export interface ClientHello {
  /** In lower case; absent where the client names no server. @see RFC 6066 §3 */
  readonly serverName: string | undefined;
  /** What the client would speak inside. @see RFC 7301 §3.1 */
  readonly protocols: readonly string[];
}

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const APPLICATION_PROTOCOLS = 16;
/** Several times what browsers send. */
const LIMIT = 16 * 1024;

/**
 * Reads a ClientHello from what a client has sent so far.
 *
 * @returns "incomplete" when more is needed, `undefined` when it is something else or longer than 16 KiB.
 */
export function readClientHello(sent: Buffer): ClientHello | "incomplete" | undefined {
  try {
    const message = handshakeMessage(sent);
    return typeof message === "string" ? message : read(new Reader(message));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The message's content: it may be spread over several records, and a record over several packets. */
function handshakeMessage(sent: Buffer): Buffer | "incomplete" {
  const fragments: Buffer[] = [];
  for (let offset = 0; offset < sent.length;) {
    if (sent.readUInt8(offset) !== HANDSHAKE_RECORD) throw new RangeError("not a handshake");
    if (sent.length < offset + 5) break;
    const length = sent.readUInt16BE(offset + 3);
    fragments.push(sent.subarray(offset + 5, offset + 5 + length));
    offset += 5 + length;
  }
  const message = Buffer.concat(fragments);
  if (message.length > 0 && message.readUInt8(0) !== CLIENT_HELLO) {
    throw new RangeError("not a ClientHello");
  }
  if (message.length >= 4) {
    const end = 4 + message.readUIntBE(1, 3);
    if (end > LIMIT) throw new RangeError("too long");
    if (message.length >= end) return message.subarray(4, end);
  }
  if (sent.length > LIMIT) throw new RangeError("too long");
  return "incomplete";
}

function read(hello: Reader): ClientHello {
  // Version and random; then session, cipher suites, compression.
  hello.take(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  let serverName: string | undefined;
  let protocols: readonly string[] = [];
  const extensions = hello.atEnd() ? new Reader(Buffer.alloc(0)) : hello.vector(2);
  while (!extensions.atEnd()) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type === SERVER_NAME) serverName = readServerName(content);
    else if (type === APPLICATION_PROTOCOLS) protocols = readProtocols(content);
  }
  return { serverName, protocols };
}

function readServerName(content: Reader): string | undefined {
  const names = content.vector(2);
  while (!names.atEnd()) {
    const type = names.number(1);
    const name = names.vector(2).rest();
    if (type === 0) return name.toString("latin1").toLowerCase();
  }
  return undefined;
}

function readProtocols(content: Reader): string[] {
  const names = content.vector(2);
  const protocols: string[] = [];
  while (!names.atEnd()) protocols.push(names.vector(1).rest().toString("latin1"));
  return protocols;
}

/** @throws RangeError for what goes beyond the end */
class Reader {
  readonly #octets: Buffer;
  #offset = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  atEnd(): boolean {
    return this.#offset >= this.#octets.length;
  }

  take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#octets.length) throw new RangeError("beyond the end");
    const taken = this.#octets.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  number(octets: 1 | 2): number {
    return this.take(octets).readUIntBE(0, octets);
  }

  /** What stands behind a length of so many octets. */
  vector(octets: 1 | 2): Reader {
    return new Reader(this.take(this.number(octets)));
  }

  rest(): Buffer {
    return this.take(this.#octets.length - this.#offset);
  }
}
