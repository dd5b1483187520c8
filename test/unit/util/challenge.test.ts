import { expect, test } from "vitest";

import {
  dns01RecordName,
  dnsAccount01RecordName,
  http01Path,
  isValidToken,
  keyAuthorization,
} from "../../../sdk/util/challenge";

test("a key authorization is token and thumbprint (RFC 8555 §8.1)", () => {
  expect(keyAuthorization("token", "thumb")).toBe("token.thumb");
});

test.each([
  ["DGyRejmCefe7v4NfDGDKfA", true],
  ["evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", true],
  ["a".repeat(21), false],
  ["a".repeat(255), true],
  ["a".repeat(256), false],
  ["evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ+PCt92wr/oA", false],
  ["DGyRejmCefe7v4NfDGDKfA==", false],
  ["../../../../../../etc/passwd", false],
  ["DGyRejmCefe7v4NfDGDKfA\n", false],
  ["DGyRejmCefe7v4NfDGDK fA", false],
  ["", false],
])("the token %j is one: %s", (token, expected) => {
  expect(isValidToken(token)).toBe(expected);
});

test("the path of http-01 ends in the token (RFC 8555 §8.3)", () => {
  expect(http01Path("token")).toBe("/.well-known/acme-challenge/token");
});

test("a wildcard and its domain share one record name (RFC 8555 §8.4)", () => {
  expect(dns01RecordName("*.A.example")).toBe("_acme-challenge.a.example");
  expect(dns01RecordName("a.example")).toBe("_acme-challenge.a.example");
});

test("the example of draft-ietf-acme-dns-account-label §3.1", () => {
  const accountUrl = "https://example.com/acme/acct/ExampleAccount";
  expect(dnsAccount01RecordName("example.org", accountUrl)).toBe(
    "_ujmmovf2vn55tgye._acme-challenge.example.org",
  );
});
