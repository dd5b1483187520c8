import { describe, expect, it } from "vitest";

import { describeTarget, identityOf, sessionKey } from "../../../sdk/hosts/target";

describe("a target", () => {
  it("is described for people, without a secret", () => {
    expect(describeTarget("local")).toBe("this machine");
    expect(describeTarget({ host: "web-1", password: "s3cret" })).toBe("root@web-1:22");
    const behind = { host: "2001:db8::1", port: 2222, user: "deploy", proxy: { host: "jump" } };
    expect(describeTarget(behind)).toBe("deploy@[2001:db8::1]:2222 via root@jump:22");
  });

  it("is the same machine whatever user, port and spelling", () => {
    expect(identityOf({ host: "Web-1.Example.com.", port: 2222, user: "x" })).toBe(
      identityOf({ host: "web-1.example.com" }),
    );
    expect(identityOf("local")).toBe("local");
  });

  it("is another machine behind another jump host: private addresses repeat", () => {
    const behind = (proxy: string): string =>
      identityOf({ host: "10.0.0.5", proxy: { host: proxy } });
    expect(behind("a.example.com")).not.toBe(behind("b.example.com"));
  });
});

describe("a session", () => {
  it("is shared by connections that differ in sudo alone", () => {
    const connection = { host: "web-1", user: "deploy", password: "a" };
    expect(sessionKey({ ...connection, sudo: true, sudoPassword: "b" })).toBe(
      sessionKey(connection),
    );
    expect(sessionKey({ password: "a", user: "deploy", host: "WEB-1" })).toBe(
      sessionKey(connection),
    );
  });

  it("is not shared by other credentials, host keys, ports or jump hosts", () => {
    const connection = { host: "web-1", password: "a" };
    for (const other of [
      { ...connection, password: "b" },
      { ...connection, port: 23 },
      { ...connection, hostKey: "x" },
      { ...connection, proxy: { host: "jump" } },
      { ...connection, transport: "openssh" as const },
    ]) {
      expect(sessionKey(other)).not.toBe(sessionKey(connection));
    }
  });
});
