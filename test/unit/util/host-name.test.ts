import { describe, expect, it } from "vitest";

import { isHttps, isLoopback, isLoopbackHttp } from "../../../sdk/util/host-name";

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
