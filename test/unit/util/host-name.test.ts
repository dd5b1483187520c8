import { describe, expect, it } from "vitest";

import { isHttps, isLinkLocal, isLoopback, isLoopbackHttp } from "../../../sdk/util/host-name";

describe("a loopback host", () => {
  it.each(["localhost", "LOCALHOST.", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])(
    "is %s",
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each(["127.evil.example", "127.0.0.1.evil.example", "128.0.0.1", "0.0.0.0", "::2", ""])(
    "is not %j",
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

it("plain HTTP is told from HTTPS by the URL's scheme, whatever its case", () => {
  expect(isLoopbackHttp("HTTP://localhost:4000/dir")).toBe(true);
  expect(isLoopbackHttp("https://localhost:4000/dir")).toBe(false);
  expect(isLoopbackHttp("http://ca.example/dir")).toBe(false);
  expect(isHttps("HTTPS://ca.example/dir")).toBe(true);
  expect(isHttps("ca.example")).toBe(false);
});

describe("an address that only this machine could reach", () => {
  it.each([
    "169.254.169.254",
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fd00:ec2::254",
  ])("is %s", (address) => {
    expect(isLinkLocal(address)).toBe(true);
  });

  it.each(["169.253.0.1", "127.0.0.1", "10.0.0.1", "2001:db8::1", "fd00::1", "a.example"])(
    "is not %s",
    (address) => {
      expect(isLinkLocal(address)).toBe(false);
    },
  );
});
