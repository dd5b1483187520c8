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
    const said = Buffer.from(await talk("mysql", mysqlGreeting(0xffff), () => undefined), "latin1");
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

  const REFUSALS: readonly {
    readonly protocol: StartTls;
    readonly greeting?: string | Buffer;
    readonly answer?: (heard: string) => string | Buffer;
    readonly words: string;
  }[] = [
    {
      protocol: "smtp",
      greeting: "220 ready\r\n",
      answer: (heard) => (heard.startsWith("EHLO") ? "250 OK\r\n" : "454 TLS not available\r\n"),
      words: "STARTTLS: 454 TLS not available",
    },
    { protocol: "smtp", greeting: "554 go away\r\n", words: "a greeting: 554 go away" },
    {
      protocol: "imap",
      greeting: "* OK ready\r\n",
      answer: () => "a BAD unknown command\r\n",
      words: "STARTTLS: a BAD unknown command",
    },
    {
      protocol: "pop3",
      greeting: "+OK ready\r\n",
      answer: () => "-ERR no TLS\r\n",
      words: "STLS: -ERR no TLS",
    },
    {
      protocol: "ftp",
      greeting: "220 ready\r\n",
      answer: () => "502 Not implemented.\r\n",
      words: "AUTH TLS: 502 Not implemented.",
    },
    {
      protocol: "postgres",
      answer: () => "N",
      words: "SSLRequest: the server does not offer TLS",
    },
    {
      protocol: "postgres",
      answer: () => "E\0\0\0\x20SFATAL\0Mtoo many connections\0\0",
      words: "SSLRequest: the server does not offer TLS",
    },
    {
      protocol: "mysql",
      greeting: mysqlGreeting(0xf7ff),
      words: "a greeting: the server does not offer TLS",
    },
    {
      protocol: "mysql",
      greeting: Buffer.from("\x1b\0\0\0\xff\x10\x04#08004Too many connections", "latin1"),
      words: "a greeting: #08004Too many connections",
    },
    {
      protocol: "ldap",
      // resultCode 52: unavailable
      answer: () =>
        Buffer.concat([
          Buffer.from("301702010178120a0134040004", "hex"),
          Buffer.from("\x0bno TLS here"),
        ]),
      words: "the StartTLS operation: the server does not offer TLS (resultCode 52)",
    },
    {
      protocol: "xmpp",
      answer: () => "<stream:stream id='1'><stream:features><mechanisms/></stream:features>",
      words: "the stream's features: the server does not offer TLS",
    },
    {
      protocol: "xmpp",
      answer: (heard) =>
        heard.includes("<starttls")
          ? "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"
          : "<stream:stream id='1'><stream:features><starttls/></stream:features>",
      words: "starttls: the server refuses",
    },
    {
      protocol: "xmpp",
      answer: () => "<stream:stream id='1'><stream:error><host-unknown/></stream:error>",
      words: "the stream's features: host-unknown",
    },
  ];
  it.each(REFUSALS)(
    "says at once what a server answered that does not want to: $protocol, $words",
    async ({ protocol, greeting = "", answer, words }) => {
      const refuses = talk(protocol, greeting, (heard, say) => {
        if (answer !== undefined) say(answer(heard.toString("latin1")));
      });
      await expect(refuses).rejects.toThrow(words);
    },
  );
});

/** As MySQL 8 sends it. */
function mysqlGreeting(capabilities: number): Buffer {
  const flags = Buffer.alloc(2);
  flags.writeUInt16LE(capabilities);
  const version = Buffer.from("8.0.36\0", "latin1");
  const rest = [version, Buffer.alloc(13), flags, Buffer.alloc(8)];
  return Buffer.concat([Buffer.from([31, 0, 0, 0, 10]), ...rest]);
}
