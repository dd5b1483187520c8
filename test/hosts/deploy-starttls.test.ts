/** The words before TLS, with servers that speak them. */
import { createServer, connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";

import { type StartTls, startTls } from "../../sdk/deploy/starttls";

/** A server that says `greeting`, then answers what it reads; resolves with all it read until TLS may begin. */
async function talk(
  protocol: StartTls,
  greeting: string | Buffer,
  answer: (heard: Buffer, say: (text: string | Buffer) => void) => void,
): Promise<string> {
  let heard = Buffer.alloc(0);
  const server = createServer((socket: Socket) => {
    socket.on("error", () => undefined);
    if (greeting.length > 0) socket.write(greeting);
    socket.on("data", (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      answer(chunk, (text) => socket.write(text));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket = connect(port, "127.0.0.1");
  try {
    await startTls(protocol, socket, "mail.example");
    // What was written last may still be on its way.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return heard.toString("latin1");
  } finally {
    socket.destroy();
    server.close();
  }
}

describe("what precedes TLS", () => {
  it("in SMTP: greeting, EHLO, STARTTLS, with answers of several lines", async () => {
    const said = await talk("smtp", "220-mail.example\r\n220 ready\r\n", (heard, say) => {
      say(
        String(heard).startsWith("EHLO") ? "250-mail\r\n250-STARTTLS\r\n250 OK\r\n" : "220 go\r\n",
      );
    });
    expect(said).toBe("EHLO localhost\r\nSTARTTLS\r\n");
  });

  it("in IMAP, POP3 and FTP: one command", async () => {
    expect(
      await talk("imap", "* OK ready\r\n", (_h, say) => {
        say("a OK go\r\n");
      }),
    ).toBe("a STARTTLS\r\n");
    expect(
      await talk("pop3", "+OK ready\r\n", (_h, say) => {
        say("+OK go\r\n");
      }),
    ).toBe("STLS\r\n");
    expect(
      await talk("ftp", "220 ready\r\n", (_h, say) => {
        say("234 go\r\n");
      }),
    ).toBe("AUTH TLS\r\n");
  });

  it("in PostgreSQL: an SSLRequest, and an S", async () => {
    const said = await talk("postgres", "", (_heard, say) => {
      say("S");
    });
    expect(Buffer.from(said, "latin1").toString("hex")).toBe("0000000804d2162f");
  });

  it("in MySQL: a greeting, and an SSLRequest that asks for TLS", async () => {
    const greeting = Buffer.concat([
      Buffer.from([30, 0, 0, 0, 10]),
      Buffer.from("8.0.36\0", "latin1"),
      Buffer.alloc(23),
    ]);
    const said = Buffer.from(await talk("mysql", greeting, () => undefined), "latin1");
    expect(said.length).toBe(36);
    expect(said.readUInt32LE(0)).toBe(0x01_00_00_20);
    expect(said.readUInt32LE(4) & 0x800).toBe(0x800);
  });

  it("in LDAP: the extended operation, and success", async () => {
    const success = Buffer.from("300c02010178070a010004000400", "hex");
    const said = await talk("ldap", "", (_heard, say) => {
      say(success);
    });
    expect(said).toContain("1.3.6.1.4.1.1466.20037");
  });

  it("in XMPP: a stream, its features, and starttls", async () => {
    const said = await talk("xmpp", "", (heard, say) => {
      say(
        String(heard).includes("<starttls")
          ? "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
          : "<stream:stream id='1'><stream:features><starttls/></stream:features>",
      );
    });
    expect(said).toContain("to='mail.example'");
  });

  it("says what a server answered that does not want to", async () => {
    const refuses = talk("smtp", "220 ready\r\n", (heard, say) => {
      say(String(heard).startsWith("EHLO") ? "250 OK\r\n" : "454 TLS not available\r\n");
    });
    await expect(refuses).rejects.toThrow("STARTTLS: 454 TLS not available");
  });
});
