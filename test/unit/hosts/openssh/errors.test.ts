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

  it("is quoted from its end, where it says why", () => {
    const words = said(`${"Welcome to web-1.\n".repeat(500)}the reason`);
    expect(words).toMatch(/the reason$/);
    expect(words.length).toBeLessThan(700);
  });
});
