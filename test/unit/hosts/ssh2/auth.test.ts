import { describe, expect, it, vi } from "vitest";

import {
  Authentication,
  type AuthMethod,
  keyboardInteractive,
} from "../../../../sdk/hosts/ssh2/auth";

const NONE: AuthMethod = { type: "none", username: "deploy" };
const KEY: AuthMethod = { type: "publickey", username: "deploy", key: {} };
const AGENT: AuthMethod = { type: "agent", username: "deploy", agent: "/run/agent" };
const PASSWORD: AuthMethod = { type: "password", username: "deploy", password: "s3cret" };
const KEYBOARD = keyboardInteractive("deploy", "s3cret");

describe("ways of authentication", () => {
  it("are tried in order, before the host has said what it allows", () => {
    const ways = new Authentication([KEY, AGENT, PASSWORD]);
    expect(ways.next(null, null)).toBe(KEY);
    expect(ways.next(["publickey", "password"], false)).toBe(AGENT);
    expect(ways.next(["publickey", "password"], false)).toBe(PASSWORD);
    expect(ways.next(["publickey", "password"], false)).toBe(false);
  });

  it("are preceded by none, which some hosts take, and which is no way to name", () => {
    const ways = new Authentication([NONE, KEY]);
    expect(ways.next(null, null)).toBe(NONE);
    expect(ways.next(["publickey"], false)).toBe(KEY);
    expect(ways.next(["password"], true)).toBe(false);
    expect(ways.refusal("deploy")).toContain("tried the private key;");
  });

  it("are left out where the host does not allow them", () => {
    const ways = new Authentication([KEY, PASSWORD, KEYBOARD]);
    expect(ways.next(["keyboard-interactive"], false)).toBe(KEYBOARD);
    expect(ways.next(["keyboard-interactive"], false)).toBe(false);
  });

  it("come back as a second factor, also when they were refused as the first", () => {
    const ways = new Authentication([KEY, PASSWORD]);
    expect(ways.next(null, null)).toBe(KEY);
    expect(ways.next(["password"], false)).toBe(PASSWORD);
    expect(ways.next(["publickey"], true)).toBe(KEY);
  });

  it("are named when all have failed, without a secret", () => {
    const ways = new Authentication([KEY, PASSWORD]);
    ways.next(null, null);
    ways.next(["publickey", "password"], false);
    ways.remark("the agent: no such file");
    const refusal = ways.refusal("deploy");
    expect(refusal).toBe(
      "user deploy was refused: tried the private key and the password; the host allows publickey and password; the agent: no such file",
    );
    expect(refusal).not.toContain("s3cret");
  });
});

describe("an interactive login", () => {
  const answersTo = (...prompts: string[]): string[] => {
    if (KEYBOARD.type !== "keyboard-interactive") throw new Error("another kind");
    const finish = vi.fn();
    KEYBOARD.prompt(
      "",
      "",
      "",
      prompts.map((prompt) => ({ prompt })),
      finish,
    );
    return finish.mock.calls[0]?.[0] as string[];
  };

  it("answers what asks for the password", () => {
    expect(answersTo("Password: ")).toEqual(["s3cret"]);
    expect(answersTo("(deploy@web-1) Password: ")).toEqual(["s3cret"]);
  });

  it("gives it to nothing else: neither as a code, nor as a new password", () => {
    expect(answersTo("Verification code: ", "New password: ", "Retype new password: ")).toEqual([
      "",
      "",
      "",
    ]);
  });
});
