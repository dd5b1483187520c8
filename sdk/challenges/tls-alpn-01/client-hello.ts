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
const HEADER_LENGTH = 5;
/** Twice what browsers send, with keys that quantum computers do not break. */
const MAX_LENGTH = 4 * 1024;

/** "incomplete": more is needed; `undefined`: it is something else, or longer than 4 KiB. */
type Reading = ClientHello | "incomplete" | undefined;

/** Reads what a client sends, in whatever pieces it comes: each record once, when it is whole. */
export function createHelloReader(): (chunk: Buffer) => Reading {
  let received = 0;
  let pending: Buffer = Buffer.alloc(0);
  let message: Buffer = Buffer.alloc(0);
  return (chunk) => {
    received += chunk.length;
    pending = Buffer.concat([pending, chunk]);
    try {
      const { fragments, rest } = wholeRecords(pending);
      message = Buffer.concat([message, ...fragments]);
      pending = rest;
      const hello = contentOf(message);
      if (hello !== undefined) return read(new Reader(hello));
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
    return received > MAX_LENGTH ? undefined : "incomplete";
  };
}

/** Reads a ClientHello from what a client has sent so far. */
export function readClientHello(sent: Buffer): Reading {
  return createHelloReader()(sent);
}

/** The message may be spread over several records, and a record over several packets. */
function wholeRecords(sent: Buffer): { readonly fragments: Buffer[]; readonly rest: Buffer } {
  const fragments: Buffer[] = [];
  let offset = 0;
  while (offset < sent.length) {
    if (sent.readUInt8(offset) !== HANDSHAKE_RECORD) throw new RangeError("not a handshake");
    const start = offset + HEADER_LENGTH;
    if (sent.length < start) break;
    const end = start + sent.readUInt16BE(offset + 3);
    // RFC 8446 §5.1: a part of a handshake is never empty.
    if (end === start) throw new RangeError("empty record");
    if (sent.length < end) break;
    fragments.push(sent.subarray(start, end));
    offset = end;
  }
  return { fragments, rest: sent.subarray(offset) };
}

/** Without type and length; `undefined` as long as it is not whole. */
function contentOf(message: Buffer): Buffer | undefined {
  if (message.length > 0 && message.readUInt8(0) !== CLIENT_HELLO) {
    throw new RangeError("not a ClientHello");
  }
  if (message.length < 4) return undefined;
  const end = 4 + message.readUIntBE(1, 3);
  if (end > MAX_LENGTH) throw new RangeError("too long");
  return message.length < end ? undefined : message.subarray(4, end);
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
