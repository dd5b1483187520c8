/** Issuance against Pebble, as it comes and with its deliberate difficulties. */
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  certId,
  downloadCertificate,
  findAccount,
  getAccount,
  getOrder,
  getRenewalInfo,
  newAccount,
  newOrder,
  revokeCertificate,
  loadAccountKey,
  AcmeProblemError,
  type AccountCredentials,
} from "../../sdk/acme";
import { withDeadline } from "../../sdk/util/abort";
import { describeCertificate } from "../../sdk/x509/certificate";
import { startPebble, type Pebble, type PebbleOptions } from "../support/ca/pebble";
import { leafDer, newAccountKey } from "../support/ca/certificate-request";
import { startHttp01Responder, type Http01Responder } from "../support/ca/http01-responder";
import { connect, dnsNames, issue, register, type TestClient } from "../support/ca/issue";

interface Started {
  readonly pebble: Pebble;
  readonly responder: Http01Responder;
  stop(): Promise<void>;
}

async function start(options: PebbleOptions): Promise<Started> {
  const pebble = await startPebble(options);
  const responder = await startHttp01Responder(pebble.httpPort);
  const stop = async (): Promise<void> => {
    await responder.stop();
    await pebble.stop();
  };
  return { pebble, responder, stop };
}

async function newClient(
  pebble: Pebble,
): Promise<TestClient & { credentials: AccountCredentials }> {
  const connected = connect(pebble);
  onTestFinished(() => connected.close());
  const credentials = await register(connected.client);
  connected.requests.length = 0;
  return { ...connected, credentials };
}

const profile = "default";

describe("Pebble as it is friendly", () => {
  let ca: Started;

  beforeAll(async () => {
    ca = await start({ alternateRoots: 2, chainLength: 2, blocklist: ["blocked.test"] });
  });
  afterAll(() => ca.stop());

  test("issues for one name in 7 requests, looks repeated apart", async () => {
    const { client, credentials, requests } = await newClient(ca.pebble);
    const identifiers = dnsNames("one.example");
    const { certificate, order } = await issue(
      client,
      credentials,
      { identifiers, profile },
      ca.responder.answers,
    );
    const looks = requests.filter(({ url }) => url === order.url || url.includes("/authZ/"));
    expect(requests.length - looks.length + 3).toBeLessThanOrEqual(7);
    expect(new X509Certificate(certificate.chainPem).subjectAltName).toBe("DNS:one.example");
  });

  test("issues for 50 names at once, with few nonces fetched", async () => {
    const { client, credentials, requests } = await newClient(ca.pebble);
    const names = Array.from({ length: 50 }, (_, index) => `n${String(index)}.example`);
    const { certificate } = await issue(
      client,
      credentials,
      { identifiers: dnsNames(...names), profile },
      ca.responder.answers,
    );
    expect(new X509Certificate(certificate.chainPem).subjectAltName?.split(",")).toHaveLength(50);
    expect(requests.filter(({ method }) => method === "HEAD").length).toBeLessThanOrEqual(10);
  });

  test("issues for addresses (RFC 8738)", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const { certificate } = await issue(
      client,
      credentials,
      { identifiers: [{ type: "ip", value: "127.0.0.1" }], profile },
      ca.responder.answers,
    );
    expect(new X509Certificate(certificate.chainPem).subjectAltName).toBe("IP Address:127.0.0.1");
  });

  test("offers alternate chains of the same certificate", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const { certificate } = await issue(
      client,
      credentials,
      { identifiers: dnsNames("alternate.example"), profile },
      ca.responder.answers,
    );
    expect(certificate.chainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    expect(certificate.alternates).toHaveLength(2);
    const chains = await Promise.all(
      certificate.alternates.map((url) => downloadCertificate(client, credentials, url)),
    );
    for (const { chainPem } of chains) {
      expect(leafDer(chainPem)).toEqual(leafDer(certificate.chainPem));
      expect(chainPem).not.toBe(certificate.chainPem);
    }
  });

  test("has renewal information for its certificates, and replaces them once (RFC 9773, R-9)", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const request = { identifiers: dnsNames("renewed.example"), profile };
    const { certificate } = await issue(client, credentials, request, ca.responder.answers);
    const { authorityKeyIdentifier, serialNumberDer } = describeCertificate(certificate.chainPem);
    const id = certId(authorityKeyIdentifier ?? new Uint8Array(), serialNumberDer);
    const info = await getRenewalInfo(client, id);
    expect(info?.window?.start.getTime()).toBeLessThan(info?.window?.end.getTime() ?? 0);
    expect((info?.retryAfterAt ?? 0) - Date.now()).toBeGreaterThan(5.9 * 3_600_000);
    const replacing = { ...request, replaces: id };
    await issue(client, credentials, replacing, ca.responder.answers);
    // 409 alreadyReplaced, and then without.
    const second = await newOrder(client, credentials, replacing);
    expect(second.replaces).toBeUndefined();
  });

  test("revokes by account and by the certificate's key; a revoked one is to be renewed at once", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const request = { identifiers: dnsNames("revoked.example"), profile };
    const first = await issue(client, credentials, request, ca.responder.answers);
    await revokeCertificate(client, credentials, leafDer(first.certificate.chainPem), 4);
    const second = await issue(client, credentials, request, ca.responder.answers);
    const certificateKey = await loadAccountKey(second.privateKeyPem);
    const der = leafDer(second.certificate.chainPem);
    await revokeCertificate(client, { certificateKey }, der);
    await revokeCertificate(client, { certificateKey }, der);
    for (const { certificate } of [first, second]) {
      const { serialNumberDer } = describeCertificate(certificate.chainPem);
      const serial = Buffer.from(serialNumberDer).toString("hex");
      expect((await ca.pebble.statusBySerial(serial)).Status).toBe("Revoked");
    }
    const { authorityKeyIdentifier, serialNumberDer } = describeCertificate(
      first.certificate.chainPem,
    );
    const id = certId(authorityKeyIdentifier ?? new Uint8Array(), serialNumberDer);
    const info = await getRenewalInfo(client, id);
    expect(info?.window?.end.getTime()).toBeLessThan(Date.now());
  });

  test("names the one of several names that it refuses, in its words", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const identifiers = dnsNames("a.example", "www.blocked.test");
    await expect(newOrder(client, credentials, { identifiers, profile })).rejects.toThrow(
      /^acme: order for a\.example, www\.blocked\.test: rejectedIdentifier: .*www\.blocked\.test/,
    );
  });

  test("refuses an unknown profile", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const order = { identifiers: dnsNames("a.example"), profile: "nope" };
    await expect(newOrder(client, credentials, order)).rejects.toMatchObject({
      problem: { type: "invalidProfile" },
    });
  });

  test("says why a name could not be validated", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const asked = issue(
      client,
      credentials,
      { identifiers: dnsNames("unanswered.example"), profile },
      // The responder never hears of these.
      new Map(),
    );
    await expect(asked).rejects.toThrow("the authorization of unanswered.example is invalid");
  });

  test("keeps an order processing for ever if asked for nonsense, and the deadline ends that", async () => {
    const { client, credentials } = await newClient(ca.pebble);
    const request = { identifiers: dnsNames("stuck.example"), profile, notBefore: "not a date" };
    const waited = withDeadline("issuing stuck.example", 1500, undefined, (signal) =>
      issue(client, credentials, request, ca.responder.answers, { signal }),
    );
    await expect(waited).rejects.toThrow(
      /^issuing stuck\.example took longer than 1\.5 s; last seen: order https:.* \(stuck\.example\) is processing$/,
    );
  });
});

describe("Pebble as it is difficult", () => {
  test("refuses a nonce in twenty, and every issuance succeeds", async () => {
    const ca = await start({ nonceReject: 5 });
    onTestFinished(() => ca.stop());
    const { client, credentials, requests } = await newClient(ca.pebble);
    const names = Array.from({ length: 10 }, (_, index) => `n${String(index)}.example`);
    await Promise.all(
      names.map((name) =>
        issue(client, credentials, { identifiers: dnsNames(name), profile }, ca.responder.answers),
      ),
    );
    // The errors bring the nonces for the repetitions.
    expect(requests.filter(({ method }) => method === "HEAD").length).toBeLessThan(
      requests.length / 3,
    );
  });

  test("uses authorizations again, so that nothing is answered twice", async () => {
    const ca = await start({ authzReuse: 100 });
    onTestFinished(() => ca.stop());
    const { client, credentials, requests } = await newClient(ca.pebble);
    const request = { identifiers: dnsNames("again.example"), profile };
    await issue(client, credentials, request, ca.responder.answers);
    requests.length = 0;
    await issue(client, credentials, request, ca.responder.answers);
    expect(requests.filter(({ url }) => url.includes("/chalZ/"))).toHaveLength(0);
  });

  test("asks for patience in both forms of Retry-After", async () => {
    const ca = await start({ retryAfter: 1 });
    onTestFinished(() => ca.stop());
    const { client, credentials } = await newClient(ca.pebble);
    const names = dnsNames("p1.example", "p2.example", "p3.example", "p4.example");
    const start_ = Date.now();
    await issue(client, credentials, { identifiers: names, profile }, ca.responder.answers);
    expect(Date.now() - start_).toBeLessThan(6000);
  });

  test("restarts: nonces are stale, the account is lost, and the next one is new", async () => {
    const ca = await start({});
    onTestFinished(() => ca.stop());
    const { client, credentials } = await newClient(ca.pebble);
    const request = { identifiers: dnsNames("lost.example"), profile };
    const { order } = await issue(client, credentials, request, ca.responder.answers);
    await ca.pebble.restart();
    await expect(getAccount(client, credentials)).rejects.toMatchObject({
      problem: { type: "accountDoesNotExist" },
    });
    expect(await findAccount(client, credentials.key)).toBeUndefined();
    await expect(newOrder(client, credentials, request)).rejects.toThrow("accountDoesNotExist");
    await expect(getOrder(client, credentials, order.url)).rejects.toThrow(AcmeProblemError);
    const { account, created } = await newAccount(client, credentials.key, {
      termsOfServiceAgreed: true,
    });
    expect(created).toBe(true);
    const again = { ...credentials, accountUrl: account.url };
    expect((await issue(client, again, request, ca.responder.answers)).order.status).toBe("valid");
  });
});

test("an external account binding is required, given, and wrong", async () => {
  // As long as the longest hash, which Pebble insists on.
  const hmacKey = Buffer.alloc(64, 3).toString("base64url");
  const ca = await start({ eab: { "kid-1": hmacKey } });
  onTestFinished(() => ca.stop());
  const connected = connect(ca.pebble);
  onTestFinished(() => connected.close());
  const { client } = connected;
  const agreed = { termsOfServiceAgreed: true };
  await expect(newAccount(client, await newAccountKey(), agreed)).rejects.toThrow(
    "this CA requires an external account binding",
  );
  for (const algorithm of ["HS256", "HS384", "HS512"] as const) {
    const binding = { keyId: "kid-1", hmacKey, algorithm };
    const { created } = await newAccount(client, await newAccountKey(), {
      ...agreed,
      externalAccountBinding: binding,
    });
    expect(created).toBe(true);
  }
  const wrong = { keyId: "kid-1", hmacKey: Buffer.alloc(32, 4).toString("base64url") };
  await expect(
    newAccount(client, await newAccountKey(), { ...agreed, externalAccountBinding: wrong }),
  ).rejects.toMatchObject({ problem: { type: "unauthorized" } });
});
