import { describe, expect, it } from "vitest";

import { asSet, isInZone, normalizeDnsName, normalizeIpAddress } from "../../../sdk/util/names";

describe("a DNS name", () => {
  it.each([
    ["Example.COM", "example.com"],
    ["example.com.", "example.com"],
    [" example.com ", "example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["*.Example.com", "*.example.com"],
    ["*.bücher.example.", "*.xn--bcher-kva.example"],
    ["_sip.example.com", "_sip.example.com"],
  ])("%s is %s", (written, normal) => {
    expect(normalizeDnsName(written)).toEqual({ value: normal });
  });

  it.each([
    [""],
    ["a..b"],
    [".example.com"],
    ["www.*.example.com"],
    ["w*.example.com"],
    ["*"],
    ["*.*.example.com"],
    ["-a.example.com"],
    ["a-.example.com"],
    ["exa mple.com"],
    ["example.com/path"],
    ["http://example.com"],
    ["user@example.com"],
    ["example.com:443"],
    ["0x7f.1"],
    [`${"a".repeat(64)}.example.com`],
    [`${"a.".repeat(127)}com`],
    ["a\nb.example.com"],
    ["a;b.example.com"],
    ["192.0.2.1"],
    ["2001:db8::1"],
  ])("%j is refused with a reason", (written) => {
    expect(normalizeDnsName(written)).toHaveProperty("problem");
  });

  it("an address is sent to ipAddresses", () => {
    expect(normalizeDnsName("192.0.2.1")).toEqual({
      problem: '"192.0.2.1" is an IP address; it belongs into ipAddresses',
    });
  });
});

describe("an IP address (RFC 8738, RFC 5952)", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ])("%s is %s", (written, normal) => {
    expect(normalizeIpAddress(written)).toEqual({ value: normal });
  });

  it.each(["192.0.2.01", "192.0.2", "fe80::1%eth0", "example.com", "", "1.2.3.4.5"])(
    "%j is refused",
    (written) => {
      expect(normalizeIpAddress(written)).toHaveProperty("problem");
    },
  );
});

describe("sets and zones", () => {
  it("a set has neither repetition nor order", () => {
    expect(asSet(["b", "a", "b"])).toEqual(["a", "b"]);
  });

  it("a zone holds itself and what is below, but no name that only ends alike", () => {
    expect(isInZone("example.com", "example.com")).toBe(true);
    expect(isInZone("*.example.com", "example.com")).toBe(true);
    expect(isInZone("a.b.example.com", "example.com")).toBe(true);
    expect(isInZone("badexample.com", "example.com")).toBe(false);
  });
});
