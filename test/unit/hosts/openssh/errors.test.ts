import { describe, expect, it } from "vitest";

import type { Connection } from "../../../../sdk/hosts";
import { openSshError } from "../../../../sdk/hosts/openssh/errors";

const alias: Connection = { host: "web-1", insecureIgnoreHostKey: true, transport: "openssh" };
const said = (words: string, connection = alias): string =>
  openSshError("web-1", connection, words).message;

describe("what ssh says when it does not get through", () => {
  it("names the user that its configuration chose", () => {
    expect(said("deploy@10.0.0.5: Permission denied (publickey).")).toBe(
      "web-1: connect: user deploy was refused; the host allows publickey",
    );
  });

  it("names an agent with too many keys", () => {
    expect(
      said("Received disconnect from 10.0.0.5 port 22:2: Too many authentication failures"),
    ).toMatch(/user <user> was refused: too many keys of the agent/);
  });

  // @see jtesta/ssh-audit#349, PegaProx/project-pegaprox#548
  it("names what the host said before it hung up", () => {
    const words = said(
      [
        "debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups",
        "kex_exchange_identification: Connection closed by remote host",
        "Connection closed by 10.0.0.5 port 22",
      ].join("\r\n"),
    );
    expect(words).toMatch(
      /closed the connection and said "Exceeded MaxStartups": .*MaxStartups in/,
    );
  });

  it("is read in no time, however long the host's greeting", () => {
    expect(said("no ".repeat(1024 * 1024))).toMatch(/ssh gave up/);
  });

  it("is quoted from its end, where it says why", () => {
    const words = said(`${"Welcome to web-1.\n".repeat(500)}the reason`);
    expect(words).toMatch(/the reason$/);
    expect(words.length).toBeLessThan(700);
  });
});
