import { describe, expect, test } from "vitest";
import { AcmeProtocolError } from "../../../sdk/acme";
import { checkDirectoryUrl, handedOutUrl } from "../../../sdk/acme/urls";

test.each([
  "https://ca.example/directory",
  "https://127.0.0.1:14000/dir",
  "http://127.0.0.1:4000/dir",
  "http://localhost:4000/dir",
  "http://[::1]:4000/dir",
])("the directory URL %s is allowed", (url) => {
  expect(() => {
    checkDirectoryUrl(url);
  }).not.toThrow();
});

test.each([
  "http://ca.example/directory",
  "http://127.0.0.1.evil.example/dir",
  "http://localhost.evil.example/dir",
  "http://10.0.0.1/dir",
  "file:///etc/passwd",
  "directory",
])("the directory URL %s is refused", (url) => {
  expect(() => {
    checkDirectoryUrl(url);
  }).toThrow(/^acme: the directory URL /);
});

describe("a URL that the CA handed out", () => {
  const from = "https://ca.example/acme/order/1";

  test("is taken as it is written, to the byte", () => {
    const odd = "https://CA.example:443/acme/../acme/%7efinalize?a=b c";
    expect(handedOutUrl("order", odd, from)).toBe(odd);
  });

  test("is resolved where it is relative", () => {
    expect(handedOutUrl("order", "/acme/cert/1", from)).toBe("https://ca.example/acme/cert/1");
    expect(handedOutUrl("order", "//other.example/x", from)).toBe("https://other.example/x");
  });

  test.each(["\u001b]0;owned\u0007", "\n", "\u202e", "\u200b", "\u2028"])(
    "with %j in it is refused, and shown without it",
    (text) => {
      for (const url of [`https://ca.example/authz/${text}1`, `/authz/${text}1`]) {
        const refused = (): string => handedOutUrl("order", url, from);
        expect(refused).toThrow(AcmeProtocolError);
        expect(refused).toThrow(/^[ -~]+$/);
      }
    },
  );

  test("may be plain http only between loopback hosts", () => {
    const loopback = "http://127.0.0.1:4000/dir";
    expect(handedOutUrl("order", "http://localhost:4000/x", loopback)).toBe(
      "http://localhost:4000/x",
    );
    for (const [url, base] of [
      ["http://127.0.0.1/x", from],
      ["http://127.0.0.1:4000/x", "https://127.0.0.1:4000/dir"],
      ["http://localhost/x", "https://localhost/dir"],
      ["http://ca.example/x", loopback],
      ["http://ca.example/x", from],
      ["javascript:alert(1)", from],
      ["file:///etc/passwd", from],
    ] as const) {
      expect(() => handedOutUrl("order", url, base)).toThrow(AcmeProtocolError);
    }
  });
});
