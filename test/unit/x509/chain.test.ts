/** A chain is judged before it replaces anything: key, names, validity, order, signatures. */
import { X509Certificate } from "node:crypto";

import { beforeAll, describe, expect, it } from "vitest";

import { CertificateError } from "../../../sdk/x509/pem";
import { chainMatches, checkChain, inOrder } from "../../../sdk/x509/chain";
import { generatePrivateKey, publicKeySha256 } from "../../../sdk/x509/keys";
import {
  certifyIssuer,
  createIssuer,
  DAY,
  issueLeaf,
  type Issuer,
  type Leaf,
  type LeafOptions,
  NOW,
} from "../../support/x509/chain-fixture";

let root: Issuer;
let intermediate: Issuer;
let leaf: Leaf;

beforeAll(async () => {
  root = await createIssuer("Root X");
  intermediate = await createIssuer("Intermediate R1", root);
  leaf = await issueLeaf(intermediate, {
    dnsNames: ["example.com", "www.example.com"],
    ipAddresses: ["2001:db8::1"],
  });
});

describe("a chain that a CA sent", () => {
  it("is taken apart where all is right", () => {
    const chain = leaf.pem + intermediate.pem;
    const checked = checkChain(chain, expected(leaf));
    expect(checked).toMatchObject({
      leafPem: leaf.pem,
      issuerPem: intermediate.pem,
      fullchainPem: chain,
      warnings: [],
    });
    expect(checked.leaf.issuerCommonName).toBe("Intermediate R1");
  });

  it("may include its root, which stays", () => {
    const chain = leaf.pem + intermediate.pem + root.pem;
    expect(checkChain(chain, expected(leaf))).toMatchObject({ fullchainPem: chain, warnings: [] });
  });

  it("is refused where the certificate is for another key", async () => {
    const other = await issueLeaf(intermediate);
    expect(() => checkChain(leaf.pem + intermediate.pem, expected(other))).toThrow(/another key/);
  });

  it("is refused where a name is missing, and the error says which", () => {
    const wanted = { ...expected(leaf), dnsNames: ["example.com", "shop.example.com"] };
    expect(() => checkChain(leaf.pem + intermediate.pem, wanted)).toThrow(
      /lacks shop\.example\.com; it is for example\.com, www\.example\.com and 2001:db8::1/,
    );
    expect(() =>
      checkChain(leaf.pem + intermediate.pem, { ...expected(leaf), ipAddresses: ["2001:db8::2"] }),
    ).toThrow(/lacks 2001:db8::2/);
  });

  it("with a name too many is taken with a warning", () => {
    const wanted = { ...expected(leaf), dnsNames: ["example.com"] };
    expect(checkChain(leaf.pem + intermediate.pem, wanted).warnings).toEqual([
      "the CA added www.example.com to the names of the certificate",
    ]);
  });

  it("compares names without case, and addresses by value", () => {
    const wanted = {
      ...expected(leaf),
      dnsNames: ["EXAMPLE.com", "www.example.com"],
      ipAddresses: ["2001:DB8:0::1"],
    };
    expect(checkChain(leaf.pem + intermediate.pem, wanted).warnings).toEqual([]);
  });

  it("is refused where the certificate has expired", async () => {
    const chain = await chainWith({ notAfter: NOW - 1000 });
    expect(() => checkChain(chain.pem, expected(chain.leaf, {}))).toThrow(
      /has expired: it was valid until 2026-06-01T11:59:59Z/,
    );
  });

  it("that starts in the future is taken, with a warning beyond the skew of clocks", async () => {
    const soon = await chainWith({ notBefore: NOW + 60_000 });
    expect(checkChain(soon.pem, expected(soon.leaf, {})).warnings).toEqual([]);
    const tomorrow = await chainWith({ notBefore: NOW + DAY });
    expect(checkChain(tomorrow.pem, expected(tomorrow.leaf, {})).warnings).toEqual([
      "the certificate is not valid before 2026-06-02T12:00:00Z",
    ]);
  });

  it("is refused where it starts more than a day in the future", async () => {
    const late = await chainWith({ notBefore: NOW + DAY + 1000 });
    expect(() => checkChain(late.pem, expected(late.leaf, {}))).toThrow(
      /is not valid yet: it will be from 2026-06-02T12:00:01Z on; is this machine's clock right\?/,
    );
  });

  it("is put in order, with a warning, where it is not", () => {
    for (const sent of [
      [intermediate, leaf],
      [root, intermediate, leaf],
      [leaf, root, intermediate],
    ]) {
      const chain = sent.map(({ pem }) => pem).join("");
      const { leafPem, issuerPem, warnings } = checkChain(chain, expected(leaf));
      expect(leafPem).toBe(leaf.pem);
      expect(issuerPem).toBe(intermediate.pem + (sent.length === 3 ? root.pem : ""));
      expect(warnings).toEqual([
        "the CA sent the certificates of the chain out of order: they were put in order",
      ]);
      expect(inOrder(chain)).toBe(leafPem + issuerPem);
      expect(chainMatches(chain, "Intermediate R1")).toBe(true);
    }
  });

  it("is refused with a gap, with a stranger in it, or with the leaf twice", async () => {
    const stranger = await createIssuer("Stranger");
    for (const chain of [
      leaf.pem + root.pem,
      leaf.pem + intermediate.pem + stranger.pem,
      leaf.pem + leaf.pem + intermediate.pem,
    ]) {
      expect(() => checkChain(chain, expected(leaf))).toThrow(
        /broken or out of order: certificate [23]/,
      );
      expect(() => checkChain(chain, expected(leaf))).toThrow(CertificateError);
    }
    expect(() => checkChain(stranger.pem + leaf.pem, expected(leaf))).toThrow(
      /the certificate for our key is not its first one/,
    );
  });

  it("is refused where an issuer of the right name has not signed", async () => {
    const impostor = await createIssuer("Intermediate R1", root);
    const unidentified = await issueLeaf(intermediate, { withoutAuthorityKey: true });
    expect(() => checkChain(unidentified.pem + impostor.pem, expected(unidentified, {}))).toThrow(
      /certificate 2 of the chain \(CN=Intermediate R1\) has not signed/,
    );
  });

  it("of one certificate is taken with a warning, unless it is its own issuer", () => {
    expect(checkChain(leaf.pem, expected(leaf))).toMatchObject({
      issuerPem: "",
      fullchainPem: leaf.pem,
      warnings: ["the CA sent the certificate without its issuer's; clients may not trust it"],
    });
    const alone = {
      publicKeySha256: publicKeySha256(root.pem),
      dnsNames: [],
      ipAddresses: [],
      now: NOW,
    };
    expect(checkChain(root.pem, alone).warnings).toEqual([]);
  });

  it("with a private key in it is refused", async () => {
    const chain = leaf.pem + (await generatePrivateKey("P256")) + intermediate.pem;
    expect(() => checkChain(chain, expected(leaf))).toThrow(/holds a private key/);
  });
});

describe("a preferred chain", () => {
  it("is named by its root's common name, exactly, whether or not the root is sent", () => {
    for (const chain of [leaf.pem + intermediate.pem, leaf.pem + intermediate.pem + root.pem]) {
      expect(chainMatches(chain, "Root X")).toBe(true);
      expect(chainMatches(chain, " Root X ")).toBe(true);
      expect(chainMatches(chain, "Root")).toBe(false);
      expect(chainMatches(chain, "root x")).toBe(false);
    }
  });

  it("is named by the common name of the leaf's issuer", () => {
    expect(chainMatches(leaf.pem + intermediate.pem, "Intermediate R1")).toBe(true);
  });

  it("is not the one in which the preferred root is cross-signed by an older one", async () => {
    const old = await createIssuer("Old Root");
    const cross = await certifyIssuer("Root X", root.keys, old);
    const crossSigned = leaf.pem + intermediate.pem + cross.pem;
    expect(checkChain(crossSigned, expected(leaf)).warnings).toEqual([]);
    expect(chainMatches(crossSigned, "Root X")).toBe(false);
    expect(chainMatches(crossSigned, "Old Root")).toBe(true);
  });

  it("is named by the fingerprint of a certificate above the leaf, with or without colons", () => {
    const { fingerprint256 } = new X509Certificate(intermediate.pem);
    const chain = leaf.pem + intermediate.pem;
    expect(chainMatches(chain, fingerprint256)).toBe(true);
    expect(chainMatches(chain, fingerprint256.replace(/:/g, "").toLowerCase())).toBe(true);
    expect(chainMatches(chain, new X509Certificate(leaf.pem).fingerprint256)).toBe(false);
    expect(chainMatches(chain, new X509Certificate(root.pem).fingerprint256)).toBe(false);
  });
});

function expected(of: Leaf, names?: { dnsNames?: string[]; ipAddresses?: string[] }) {
  return {
    publicKeySha256: of.publicKeySha256,
    dnsNames:
      names === undefined
        ? ["example.com", "www.example.com"]
        : (names.dnsNames ?? ["example.com"]),
    ipAddresses: names === undefined ? ["2001:db8::1"] : (names.ipAddresses ?? []),
    now: NOW,
  };
}

async function chainWith(options: LeafOptions): Promise<{ leaf: Leaf; pem: string }> {
  const made = await issueLeaf(intermediate, options);
  return { leaf: made, pem: made.pem + intermediate.pem };
}
