/** From a protocol in clear to the point where TLS begins. */
import type { Duplex } from "node:stream";

import { singleLine } from "../util/text";

export const START_TLS = [
  "smtp",
  "imap",
  "pop3",
  "ftp",
  "ldap",
  "xmpp",
  "postgres",
  "mysql",
] as const;

/** Protocols that start without TLS. */
export type StartTls = (typeof START_TLS)[number];

/** Says what the protocol wants before TLS. @throws Error where the server does not offer TLS. */
export async function startTls(
  protocol: StartTls,
  socket: Duplex,
  serverName: string,
): Promise<void> {
  const talk = new ClearText(socket);
  try {
    await BEGINNINGS[protocol](talk, serverName);
  } finally {
    talk.release();
  }
}

/** The response to message 1; the last octet is its resultCode. Lengths take five octets at most. */
// eslint-disable-next-line no-control-regex -- it is BER
const LDAP_RESPONSE = /^0[^]{1,5}\u0002\u0001\u0001x[^]{1,5}\n\u0001([^])/;

/** Version 10, the server's version, 13 octets, and half of its capabilities; or an error. */
const MYSQL_GREETING = /^[^]{4}(?:\n[^\0]*\0[^]{13}([^]{2})|\u00ff[^]{2}([^]*))/;
const MYSQL_SSL = 0x0800;

const NOT_OFFERED = "the server does not offer TLS";

const BEGINNINGS: Record<StartTls, (talk: ClearText, serverName: string) => Promise<void>> = {
  // RFC 3207
  smtp: async (talk) => {
    await talk.expect(/^220 .*\r?\n/m, "a greeting");
    talk.say("EHLO localhost\r\n");
    await talk.expect(/^250 .*\r?\n/m, "EHLO");
    talk.say("STARTTLS\r\n");
    await talk.expect(/^220 ?.*\r?\n/m, "STARTTLS");
  },
  // RFC 9051 §6.2.1
  imap: async (talk) => {
    await talk.expect(/^\* OK.*\r?\n/m, "a greeting");
    talk.say("a STARTTLS\r\n");
    await talk.expect(/^a OK.*\r?\n/m, "STARTTLS");
  },
  // RFC 2595 §4
  pop3: async (talk) => {
    await talk.expect(/^\+OK.*\r?\n/m, "a greeting");
    talk.say("STLS\r\n");
    await talk.expect(/^\+OK.*\r?\n/m, "STLS");
  },
  // RFC 4217 §4
  ftp: async (talk) => {
    await talk.expect(/^220 .*\r?\n/m, "a greeting");
    talk.say("AUTH TLS\r\n");
    await talk.expect(/^234.*\r?\n/m, "AUTH TLS");
  },
  // RFC 4511 §4.14: an extended request with the OID 1.3.6.1.4.1.1466.20037
  ldap: async (talk) => {
    talk.say(Buffer.from("301d02010177188016312e332e362e312e342e312e313436362e3230303337", "hex"));
    const what = "the StartTLS operation";
    const [, resultCode = ""] = await talk.expect(LDAP_RESPONSE, what);
    const code = resultCode.charCodeAt(0);
    if (code !== 0) throw new Error(`${what}: ${NOT_OFFERED} (resultCode ${String(code)})`);
  },
  // RFC 6120 §5.4
  xmpp: async (talk, serverName) => {
    const to = serverName.replace(/[^A-Za-z0-9.-]/g, "");
    talk.say(
      `<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' to='${to}' version='1.0'>`,
    );
    const features = "the stream's features";
    const { 1: problem, input } = await talk.expect(
      /<\/stream:features>|<stream:error>\s*<([\w-]+)/,
      features,
    );
    if (problem !== undefined) throw new Error(`${features}: ${problem}`);
    if (!input.includes("<starttls")) throw new Error(`${features}: ${NOT_OFFERED}`);
    talk.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    const [answer] = await talk.expect(/<(?:proceed|failure)[^<>]*>/, "starttls");
    if (answer.startsWith("<failure")) throw new Error("starttls: the server refuses");
  },
  // PostgreSQL, message formats: SSLRequest
  postgres: async (talk) => {
    talk.say(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
    const [answer] = await talk.expect(/^[^]/, "SSLRequest");
    if (answer !== "S") throw new Error(`SSLRequest: ${NOT_OFFERED}`);
  },
  // MySQL, connection phase: Protocol::SSLRequest, with CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION
  mysql: async (talk) => {
    const [, flags, problem] = await talk.expect(MYSQL_GREETING, "a greeting");
    if (flags === undefined) throw new Error(`a greeting: ${singleLine(problem ?? "", 200)}`);
    if ((Buffer.from(flags, "latin1").readUInt16LE() & MYSQL_SSL) === 0)
      throw new Error(`a greeting: ${NOT_OFFERED}`);
    const request = Buffer.alloc(36);
    request.writeUIntLE(32, 0, 3);
    request.writeUInt8(1, 3);
    request.writeUInt32LE(0x8a00, 4);
    request.writeUInt32LE(0x0100_0000, 8);
    request.writeUInt8(33, 12);
    talk.say(request);
  },
};

/** Longer than any answer that is waited for here. */
const LIMIT = 64 * 1024;

class ClearText {
  readonly #socket: Duplex;
  #received = "";
  #over: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on("data", this.#take);
    socket.on("end", this.#end);
    socket.on("close", this.#end);
    socket.on("error", this.#fail);
  }

  say(data: string | Uint8Array): void {
    this.#socket.write(data);
  }

  /** Waits for an answer; octets are read as Latin-1, one character each. */
  async expect(pattern: RegExp, what: string): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#received);
      if (found !== null) {
        this.#received = "";
        return found;
      }
      const refused = /^(?:[45]\d\d|\S+ (?:NO|BAD)|-ERR)\b.*$/m.exec(this.#received);
      if (refused !== null) throw new Error(`${what}: ${singleLine(refused[0], 200)}`);
      if (this.#over !== undefined) throw new Error(`${what}: ${this.#over.message}`);
      if (this.#received.length > LIMIT) throw new Error(`${what}: the answer does not end`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Leaves the stream to TLS. */
  release(): void {
    this.#socket.pause();
    this.#socket.off("data", this.#take);
    this.#socket.off("end", this.#end);
    this.#socket.off("close", this.#end);
    this.#socket.off("error", this.#fail);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#received += chunk.toString("latin1");
    this.#wake();
  };
  readonly #end = (): void => {
    this.#over ??= new Error("the server closed the connection");
    this.#wake();
  };
  readonly #fail = (error: Error): void => {
    this.#over ??= error;
    this.#wake();
  };
}
