import { describe, expect, it } from "vitest";

import { openSshError } from "../../../../sdk/hosts/openssh/errors";
import { Authentication } from "../../../../sdk/hosts/ssh2/auth";
import { handshakeError, otherProtocol, socketError } from "../../../../sdk/hosts/ssh2/errors";

const LABEL = "deploy@web-1:22";
const CONNECTION = { host: "web-1", user: "deploy" };

describe("an error of the TCP connection", () => {
  it.each([
    ["ECONNREFUSED", "unreachable", "connection refused: nothing listens on that port (yet)"],
    ["ENOTFOUND", "unreachable", "no such host name"],
    ["EAI_AGAIN", "unreachable", "the name could not be looked up"],
    ["ENETUNREACH", "unreachable", "no route to the host"],
    ["ETIMEDOUT", "timeout", "no answer"],
    ["EPIPE", "unreachable", "write EPIPE"],
  ])("%s is %s", (code, kind, words) => {
    const error = socketError(LABEL, Object.assign(new Error(`write ${code}`), { code }));
    expect(error).toMatchObject({ code: kind, message: `${LABEL}: connect: ${words}` });
  });

  it("of several addresses names each", () => {
    const each = ["::1", "127.0.0.1"].map((address) => new Error(`connect EINVAL ${address}:22`));
    const error = socketError(
      LABEL,
      Object.assign(new AggregateError(each, ""), { code: "EINVAL" }),
    );
    expect(error.message).toBe(
      `${LABEL}: connect: connect EINVAL ::1:22; connect EINVAL 127.0.0.1:22`,
    );
  });
});

describe("an error before the login", () => {
  const errorOf = (
    message: string,
    level?: string,
    refusal?: string,
  ): ReturnType<typeof handshakeError> =>
    handshakeError(
      LABEL,
      CONNECTION,
      Object.assign(new Error(message), level === undefined ? {} : { level }),
      new Authentication([]),
      refusal,
      "",
    );

  it("is the host key's, whatever ssh2 calls it, once that was refused", () => {
    expect(errorOf("Host denied (verification failed)", "handshake", "it shows X")).toMatchObject({
      code: "host-key",
      message: `${LABEL}: connect: it shows X`,
    });
  });

  it("for want of a common algorithm names the other transport", () => {
    expect(errorOf("no matching key exchange algorithm", "handshake")).toMatchObject({
      code: "protocol",
      message: expect.stringContaining('transport: "openssh"') as string,
    });
  });

  it("for too many tries is one of authentication", () => {
    expect(errorOf("Too many authentication failures").code).toBe("authentication");
  });

  it("for a connection that was closed may mend itself", () => {
    expect(errorOf("the host closed the connection").code).toBe("unreachable");
    expect(errorOf("Connection lost before handshake", "protocol").code).toBe("unreachable");
  });
});

describe("the first words of a server", () => {
  it("tell another protocol", () => {
    for (const words of ["HTTP/1.1 400 Bad", "220 mail", "* OK IMAP", "+OK POP", "\x15\x03\x01"]) {
      expect(otherProtocol(LABEL, words)?.code).toBe("protocol");
    }
  });

  it("may be a notice before SSH begins (RFC 4253 §4.2)", () => {
    expect(otherProtocol(LABEL, "SSH-2.0-OpenSSH_9.2\r\n")).toBeUndefined();
    expect(otherProtocol(LABEL, "Be careful\r\n")).toBeUndefined();
  });
});

describe("what the command ssh says", () => {
  it.each([
    ["ssh: connect to host web-1 port 22: Connection refused", "unreachable", /nothing listens/],
    ["ssh: Could not resolve hostname web-1: Name or service not known", "unreachable", /no such/],
    ["ssh: connect to host web-1 port 22: No route to host", "unreachable", /no route/],
    ["ssh: connect to host web-1 port 22: Connection timed out", "timeout", /no answer/],
    ["Connection closed by 192.0.2.1 port 22", "unreachable", /the host closed the connection/],
    [
      "deploy@web-1: Permission denied (publickey,password).",
      "authentication",
      /user deploy was refused; the host allows publickey,password/,
    ],
    ["Received disconnect: Too many authentication failures", "authentication", /was refused/],
    [
      "No ED25519 host key is known for web-1 and you have requested strict checking.\r\nHost key verification failed.",
      "host-key",
      /no line for this host/,
    ],
    ["Bad configuration option: frobnicate", "protocol", /ssh gave up: Bad configuration option/],
  ])("%s is %s", (said, code, expected) => {
    const error = openSshError(LABEL, CONNECTION, said);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(expected);
    expect(error.message).not.toMatch(/[\r\n]/);
  });
});
