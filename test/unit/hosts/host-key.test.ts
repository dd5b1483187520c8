import { createHmac, randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { expectedKeys, fingerprint, hostKeyRefusal, pinnedKeys } from "../../../sdk/hosts/host-key";
import { hostKeyCheck } from "../../../sdk/hosts/ssh2/host-key-check";

/** A key as it travels: its type, then something of 32 bytes. */
function key(type = "ssh-ed25519"): { line: string; blob: Buffer } {
  const part = (data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, data]);
  };
  const blob = Buffer.concat([part(Buffer.from(type)), part(randomBytes(32))]);
  return { line: `${type} ${blob.toString("base64")}`, blob };
}

const KEY = key();
const OTHER = key();

function known(knownHosts: string, host = "web-1.example.com", port = 22): string | undefined {
  return hostKeyRefusal(expectedKeys({ host, port, knownHosts }), KEY.blob);
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

describe("a hostKey", () => {
  it("accepts the key that it names, with or without a comment", () => {
    for (const hostKey of [KEY.line, `${KEY.line} root@web-1`, `\n# of web-1\n${KEY.line}\r\n`]) {
      const expected = expectedKeys({ host: "web-1", hostKey });
      expect(hostKeyRefusal(expected, KEY.blob)).toBeUndefined();
    }
  });

  it("accepts it after names, as ssh-keyscan and known_hosts write it (pulumi/pulumi-command#755)", () => {
    for (const names of ["web-9", "web-1.example.com,10.0.0.5", "[web-1]:2222", hashed("web-1")]) {
      const expected = expectedKeys({ host: "web-1", hostKey: `${names} ${KEY.line} comment` });
      expect(hostKeyRefusal(expected, KEY.blob)).toBeUndefined();
    }
  });

  it("takes no key that stands after other words, or after a marker", () => {
    for (const before of ["web-1 comment", "@revoked *", "@cert-authority *", "@revoked"]) {
      expect(pinnedKeys(`${before} ${KEY.line}`)).toEqual([]);
    }
  });

  it("accepts any of several", () => {
    const expected = expectedKeys({ host: "web-1", hostKey: `${OTHER.line}\n${KEY.line}\n` });
    expect(hostKeyRefusal(expected, KEY.blob)).toBeUndefined();
    expect(hostKeyRefusal(expected, OTHER.blob)).toBeUndefined();
  });

  it("refuses another one, and names both fingerprints", () => {
    const refusal = hostKeyRefusal(expectedKeys({ host: "web-1", hostKey: KEY.line }), OTHER.blob);
    expect(refusal).toContain(`shows ssh-ed25519 ${fingerprint(OTHER.blob)}`);
    expect(refusal).toContain(`expected is ssh-ed25519 ${fingerprint(KEY.blob)}`);
  });

  it("is not satisfied by a key of another type with the same bytes in front", () => {
    const forged = Buffer.concat([KEY.blob, Buffer.from([0])]);
    expect(hostKeyRefusal(expectedKeys({ host: "web-1", hostKey: KEY.line }), forged)).toContain(
      "expected is",
    );
  });
});

describe("the algorithms that ssh2 offers for a host's key", () => {
  it("begin with those of the expected keys, and sign with SHA-2 also for RSA", () => {
    const { algorithms } = hostKeyCheck({ host: "web-1", hostKey: key("ssh-rsa").line });
    expect(algorithms.slice(0, 2)).toEqual(["rsa-sha2-512", "rsa-sha2-256"]);
    expect(algorithms).not.toContain("ssh-rsa");
  });
});

describe("a known_hosts text", () => {
  it("finds the host by its name, in any case, among several names", () => {
    expect(known(`web-1.example.com ${KEY.line}`)).toBeUndefined();
    expect(known(`other,WEB-1.example.com,192.0.2.1 ${KEY.line}`)).toBeUndefined();
    expect(known(`web-1.example.com ${KEY.line}`, "Web-1.Example.com.")).toBeUndefined();
  });

  it("does not take another host's key", () => {
    expect(known(`web-2.example.com ${KEY.line}`)).toContain("no line for this host");
    expect(known(`xweb-1.example.com,web-1.example.com.evil ${KEY.line}`)).toContain("no line");
    expect(known(`web-1xexample.com ${KEY.line}`)).toContain("no line");
  });

  it("knows wildcards, and exceptions from them", () => {
    expect(known(`*.example.com ${KEY.line}`)).toBeUndefined();
    expect(known(`web-?.example.com ${KEY.line}`)).toBeUndefined();
    expect(known(`*.example.com,!web-1.example.com ${KEY.line}`)).toContain("no line");
    // Where the first place that fits a part is the wrong one; many stars in a row; an end that does not fit.
    expect(known(`w*.e*le.co?** ${KEY.line}`)).toBeUndefined();
    expect(known(`${"*".repeat(100)}w*1*m ${KEY.line}`)).toBeUndefined();
    expect(known(`${"*".repeat(100)}x ${KEY.line}`)).toContain("no line");
    expect(known(`web-1.example.com? ${KEY.line}`)).toContain("no line");
  });

  it("knows hashed names", () => {
    expect(known(`${hashed("web-1.example.com")} ${KEY.line}`)).toBeUndefined();
    expect(
      known(`${hashed("[web-1.example.com]:2222")} ${KEY.line}`, "web-1.example.com", 2222),
    ).toBe(undefined);
    expect(known(`${hashed("web-2.example.com")} ${KEY.line}`)).toContain("no line");
  });

  it("finds a host on another port in brackets, else, as ssh does, by its plain name", () => {
    expect(
      known(`[web-1.example.com]:2222 ${KEY.line}`, "web-1.example.com", 2222),
    ).toBeUndefined();
    expect(known(`web-1.example.com ${KEY.line}`, "web-1.example.com", 2222)).toBeUndefined();
    const both = `[web-1.example.com]:2222 ${OTHER.line}\nweb-1.example.com ${KEY.line}`;
    expect(known(both, "web-1.example.com", 2222)).toContain("expected is");
    expect(known(`[web-1.example.com]:2222 ${KEY.line}`)).toContain("no line");
  });

  it("refuses a key that is marked as revoked, wherever else it is allowed", () => {
    const text = `web-1.example.com ${KEY.line}\n@revoked * ${KEY.line}\n`;
    expect(known(text)).toContain("@revoked");
    const pinned = expectedKeys({ host: "web-1", hostKey: KEY.line, knownHosts: text });
    expect(hostKeyRefusal(pinned, KEY.blob)).toContain("@revoked");
  });

  it("does not take the key of a certificate authority for a host's own", () => {
    const refusal = known(`@cert-authority *.example.com ${KEY.line}`);
    expect(refusal).toContain("@cert-authority");
    expect(refusal).toContain('transport: "openssh"');
  });

  it("takes no key that stands after other words than the names", () => {
    expect(known(`web-1.example.com comment ${KEY.line}`)).toContain("no line for this host");
  });

  it("ignores comments, empty lines and nonsense", () => {
    const text = `# web-1.example.com ${OTHER.line}\n\nnonsense\nweb-1.example.com ssh-ed25519 AAAA\nweb-1.example.com ${KEY.line}\n`;
    expect(known(text)).toBeUndefined();
  });
});
