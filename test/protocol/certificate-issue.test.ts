/** `AcmeCertificate`'s handler against Pebble: issuing. */
import { createPrivateKey, X509Certificate } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { guard, type Properties } from "../../sdk/provider/engine/handler";
import { factsOf, privateOf } from "../support/ca/state";
import { certificateHandler } from "../../sdk/provider/certificate";
import type { AccountReference } from "../../sdk/issuance/arguments";
import { createCertificateRequest } from "../../sdk/x509/csr";
import { generatePrivateKey } from "../../sdk/x509/keys";
import { registerAccount } from "../support/ca/acme-account";
import { startPebble, type Pebble } from "../support/ca/pebble";

const handler = guard(certificateHandler);
let pebble: Pebble;
let account: AccountReference;

beforeAll(async () => {
  pebble = await startPebble({
    blocklist: ["blocked.test"],
    alternateRoots: 2,
    profiles: {
      default: { description: "the default", validityPeriod: 7_776_000 },
      shortlived: { description: "six days", validityPeriod: 518_400 },
    },
  });
  account = await registerAccount(pebble);
});

afterAll(() => pebble.stop());

function asked(changes: Properties): Properties {
  return {
    account,
    profile: "default",
    solvers: [{ http01: { listener: { port: pebble.httpPort, address: "127.0.0.1" } } }],
    preflight: { httpPort: pebble.httpPort, resolvers: [pebble.dns.dnsAddress] },
    ...changes,
  };
}

/** As the engine does it: what `check` returns, secrets in clear, goes to `create`. */
async function create(changes: Properties): Promise<Properties> {
  const { failures } = await handler.check({}, asked(changes));
  expect(failures).toEqual([]);
  const { outs } = await handler.create(asked(changes));
  return outs;
}

function leafOf(outs: Properties): X509Certificate {
  return new X509Certificate(outs["fullchainPem"] as string);
}

function newOrders(): number {
  return pebble.requests().filter(({ path }) => path === "/order-plz").length;
}

describe("a certificate by http-01", () => {
  it("is issued for all names, with a key of its own, and described in full", async () => {
    const outs = await create({ dnsNames: ["a.example", "b.example"] });
    const leaf = leafOf(outs);
    expect(outs["dnsNames"]).toEqual(["a.example", "b.example"]);
    expect(leaf.subjectAltName).toContain("DNS:b.example");
    expect(leaf.checkPrivateKey(createPrivateKey(outs["privateKeyPem"] as string))).toBe(true);
    expect(factsOf(outs).certificatePem).toBe(`${leaf.toString().trim()}\n`);
    expect(outs["fullchainPem"]).toBe(`${factsOf(outs).certificatePem}${factsOf(outs).issuerPem}`);
    expect(factsOf(outs).fingerprintSha256).toBe(
      leaf.fingerprint256.replace(/:/g, "").toLowerCase(),
    );
    expect(Number.parseInt(factsOf(outs).serialNumber, 16)).toBe(
      Number.parseInt(leaf.serialNumber, 16),
    );
    expect(outs["issuedBy"]).toBe(account.accountUrl);
    expect(outs["certificateUrl"]).toContain("/certZ/");
    expect(Date.parse(outs["notAfter"] as string)).toBe(Date.parse(leaf.validTo));
    expect(privateOf(outs)["pending"]).toBeUndefined();
  });

  it("renews within the window that the CA suggests (RFC 9773)", async () => {
    const outs = await create({ dnsNames: ["ari.example"] });
    const info = outs["renewalInfo"] as Record<string, string>;
    const renewAt = Date.parse(outs["renewAt"] as string);
    expect(renewAt).toBeGreaterThanOrEqual(Date.parse(info["windowStart"] ?? ""));
    expect(renewAt).toBeLessThanOrEqual(Date.parse(info["windowEnd"] ?? ""));
    expect(Date.parse(info["nextCheckAt"] ?? "")).toBeGreaterThan(Date.now());
  });

  it.each(["P384", "P521", "RSA2048", "RSA3072"] as const)(
    "has a key of type %s when asked",
    async (keyType) => {
      const outs = await create({ dnsNames: ["keys.example"], keyType });
      const details = leafOf(outs).publicKey.asymmetricKeyDetails;
      const shown = details?.namedCurve ?? `RSA${String(details?.modulusLength)}`;
      expect(shown).toBe({ P384: "secp384r1", P521: "secp521r1" }[keyType as string] ?? keyType);
    },
  );

  it("is made with the user's own key, in any of the usual forms", async () => {
    const own = createPrivateKey(await generatePrivateKey("P256"));
    const privateKeyPem = own.export({ type: "sec1", format: "pem" }) as string;
    const outs = await create({ dnsNames: ["own-key.example"], privateKeyPem });
    expect(leafOf(outs).checkPrivateKey(own)).toBe(true);
    expect(outs["privateKeyPem"]).toContain("BEGIN PRIVATE KEY");
  });

  it("is made from a CSR, and no private key comes near the state", async () => {
    const privateKeyPem = await generatePrivateKey("P256");
    const der = await createCertificateRequest({
      privateKeyPem,
      dnsNames: ["csr.example"],
      ipAddresses: [],
    });
    const base64 = Buffer.from(der)
      .toString("base64")
      .replace(/(.{64})/g, "$1\n");
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
    const outs = await create({ certificateRequestPem: pem });
    expect(outs["dnsNames"]).toEqual(["csr.example"]);
    expect(outs).not.toHaveProperty("privateKeyPem");
    expect(leafOf(outs).checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
  });

  it("for an IP address (RFC 8738)", async () => {
    const outs = await create({ ipAddresses: ["127.0.0.1"] });
    expect(outs["ipAddresses"]).toEqual(["127.0.0.1"]);
  });

  it("with a PKCS#12 that is made once", async () => {
    const outs = await create({ dnsNames: ["p12.example"], pkcs12Password: "changeit" });
    expect(Buffer.from(outs["pkcs12"] as string, "base64").length).toBeGreaterThan(500);
    const again = await handler.update(
      "id",
      outs,
      asked({ dnsNames: ["p12.example"], pkcs12Password: "changeit", timeout: "5m" }),
    );
    expect(again.outs["pkcs12"]).toBe(outs["pkcs12"]);
    const other = await handler.update(
      "id",
      outs,
      asked({ dnsNames: ["p12.example"], pkcs12Password: "another" }),
    );
    expect(other.outs["pkcs12"]).not.toBe(outs["pkcs12"]);
    expect(factsOf(other.outs).fingerprintSha256).toBe(factsOf(outs).fingerprintSha256);
  });

  it("by a profile that the CA offers; one that it does not is dropped, or an error where it is required", async () => {
    const short = await create({ dnsNames: ["profile.example"], profile: "shortlived" });
    const lifetime =
      Date.parse(short["notAfter"] as string) - Date.parse(short["notBefore"] as string);
    expect(lifetime).toBeLessThanOrEqual(518_400_000);
    expect(short["profile"]).toBe("shortlived");
    await create({ dnsNames: ["profile.example"], profile: "unheard-of" });
    await expect(
      create({ dnsNames: ["profile.example"], profile: "unheard-of", profileRequired: true }),
    ).rejects.toThrow(/does not offer "unheard-of"; it offers default, shortlived/);
  });
});

describe("the chain", () => {
  it("is the preferred one, and another preference is fetched without an order", async () => {
    const root = new X509Certificate(await pebble.roots(1));
    const commonName = /CN=(.*)/.exec(root.subject)?.[1] ?? "";
    const outs = await create({ dnsNames: ["chain.example"], preferredChain: commonName });
    const issuer = new X509Certificate(factsOf(outs).issuerPem.trim());
    expect(issuer.verify(root.publicKey)).toBe(true);

    const before = newOrders();
    const news = asked({ dnsNames: ["chain.example"] });
    expect(await handler.diff("id", outs, news)).toEqual({ changes: true });
    const { outs: rechained } = await handler.update("id", outs, news);
    expect(factsOf(rechained).certificatePem).toBe(factsOf(outs).certificatePem);
    expect(factsOf(rechained).issuerPem).not.toBe(factsOf(outs).issuerPem);
    expect(newOrders()).toBe(before);
    expect(await handler.diff("id", rechained, news)).toEqual({ changes: false });
  });
});

describe("an update", () => {
  it("keeps the key with keyPolicy reuse, and makes another without", async () => {
    const first = await create({ dnsNames: ["policy.example"] });
    const reuse = asked({ dnsNames: ["policy.example"], keyPolicy: "reuse", triggers: [1] });
    const { outs: second } = await handler.update("id", first, reuse);
    expect(factsOf(second).serialNumber).not.toBe(factsOf(first).serialNumber);
    expect(factsOf(second).publicKeySha256).toBe(factsOf(first).publicKeySha256);
    const rotate = asked({ dnsNames: ["policy.example"], triggers: [2] });
    const { outs: third } = await handler.update("id", second, rotate);
    expect(factsOf(third).publicKeySha256).not.toBe(factsOf(first).publicKeySha256);
  });

  it("adds a name in place", async () => {
    const first = await create({ dnsNames: ["one.example"] });
    const news = asked({ dnsNames: ["one.example", "two.example"] });
    expect(await handler.diff("id", first, news)).toEqual({ changes: true });
    const { outs } = await handler.update("id", first, news);
    expect(outs["dnsNames"]).toEqual(["one.example", "two.example"]);
  });

  it("that only takes over settings sends nothing to the CA", async () => {
    const first = await create({ dnsNames: ["quiet.example"] });
    const before = pebble.requests().length;
    const news = asked({ dnsNames: ["quiet.example"], renewBefore: "10d", timeout: "1m" });
    expect(await handler.diff("id", first, news)).toEqual({ changes: true });
    const { outs } = await handler.update("id", first, news);
    expect(outs["fullchainPem"]).toBe(first["fullchainPem"]);
    expect(await handler.diff("id", outs, news)).toEqual({ changes: false });
    expect(pebble.requests().length).toBe(before);
  });
});

describe("adopting a certificate", () => {
  it("costs no order while it is valid and fits", async () => {
    const other = await create({ dnsNames: ["adopt.example"] });
    const existing = { fullchainPem: other["fullchainPem"], privateKeyPem: other["privateKeyPem"] };
    const before = newOrders();
    const outs = await create({ dnsNames: ["adopt.example"], existing });
    expect(factsOf(outs).fingerprintSha256).toBe(factsOf(other).fingerprintSha256);
    expect(newOrders()).toBe(before);
    // Its removal later is no diff.
    expect(await handler.diff("id", outs, asked({ dnsNames: ["adopt.example"] }))).toEqual({
      changes: false,
    });
  });

  it("one that lacks a name is issued anew", async () => {
    const other = await create({ dnsNames: ["adopt.example"] });
    const existing = { fullchainPem: other["fullchainPem"], privateKeyPem: other["privateKeyPem"] };
    const outs = await create({ dnsNames: ["adopt.example", "more.example"], existing });
    expect(outs["dnsNames"]).toEqual(["adopt.example", "more.example"]);
  });

  it("one whose key is not of the type that is asked for is issued anew", async () => {
    const other = await create({ dnsNames: ["adopt.example"] });
    const existing = {
      fullchainPem: other["fullchainPem"],
      privateKeyPem: other["privateKeyPem"],
    };
    const outs = await create({ dnsNames: ["adopt.example"], existing, keyType: "P384" });
    expect(leafOf(outs).publicKey.asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
  });

  it("a key that is another certificate's is an error", async () => {
    const other = await create({ dnsNames: ["adopt.example"] });
    const existing = {
      fullchainPem: other["fullchainPem"],
      privateKeyPem: await generatePrivateKey("P256"),
    };
    await expect(create({ dnsNames: ["adopt.example"], existing })).rejects.toThrow(
      "existing.privateKeyPem: is not the key of the first certificate",
    );
  });
});

describe("what goes wrong", () => {
  it("a name that the CA refuses is named among the others, with the CA's words", async () => {
    const error: Error = await create({ dnsNames: ["fine.example", "www.blocked.test"] }).then(
      () => new Error("it did not fail"),
      (reason: unknown) => reason as Error,
    );
    expect(error.message).toContain("www.blocked.test");
    expect(error.message).toContain("rejectedIdentifier");
  });

  it("a name that leads elsewhere is found by the preflight, and the CA spends no validation", async () => {
    await pebble.dns.addA("elsewhere.example", "127.0.0.2");
    const before = pebble.requests().filter(({ path }) => path.startsWith("/chalZ/")).length;
    await expect(create({ dnsNames: ["elsewhere.example"] })).rejects.toThrow(/elsewhere\.example/);
    expect(pebble.requests().filter(({ path }) => path.startsWith("/chalZ/")).length).toBe(before);
  });

  it("a refused challenge is a partial failure, and the next run goes on with a new order", async () => {
    await pebble.dns.addA("later.example", "127.0.0.2");
    const news = asked({ dnsNames: ["later.example"], preflight: false });
    const error = (await handler.create(news).catch((reason: unknown) => reason)) as Error & {
      id?: string;
      properties?: Properties;
    };
    expect(error.message).toMatch(
      /the CA could not validate later\.example \(http-01\): connection/,
    );
    expect(error.id).toBeDefined();
    expect(privateOf(error.properties)["pending"]).toHaveProperty("orderUrl");
    await pebble.dns.clearA("later.example");
    const { outs } = await handler.update("id", error.properties ?? {}, news);
    expect(outs["dnsNames"]).toEqual(["later.example"]);
    expect(privateOf(outs)["pending"]).toBeUndefined();
  });

  it("an account that the CA has lost names the remedy", async () => {
    const lost = { ...account, accountUrl: `${account.accountUrl}0` };
    await expect(create({ account: lost, dnsNames: ["lost.example"] })).rejects.toThrow(
      /pulumi up --refresh/,
    );
  });

  it("a certificate with the account's key is refused before the CA is asked", async () => {
    await expect(
      create({ dnsNames: ["key.example"], privateKeyPem: account.accountKeyPem }),
    ).rejects.toThrow(/RFC 8555 §11.1/);
  });
});

describe("destroying", () => {
  it("revokes when asked, with the reason; twice is once", async () => {
    const outs = await create({
      dnsNames: ["revoke.example"],
      revokeOnDestroy: true,
      revocationReason: "superseded",
    });
    await handler.delete("id", outs);
    const status = await pebble.statusBySerial(factsOf(outs).serialNumber);
    expect(status).toMatchObject({ Status: "Revoked", Reason: 4 });
    await handler.delete("id", outs);
  });

  it("sends nothing otherwise", async () => {
    const outs = await create({ dnsNames: ["keep.example"] });
    const before = pebble.requests().length;
    await handler.delete("id", outs);
    expect(pebble.requests().length).toBe(before);
  });
});
