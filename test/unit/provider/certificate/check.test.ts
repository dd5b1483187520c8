import { createPrivateKey } from "node:crypto";

import { describe, expect, it } from "vitest";

import { checkCertificate } from "../../../../sdk/provider/certificate/check";
import { generatePrivateKey } from "../../../../sdk/x509/keys";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const account = {
  directoryUrl: "https://ca.example/dir",
  accountUrl: "https://ca.example/a/1",
  accountKeyPem: "-----BEGIN PRIVATE KEY-----\nsecret\n",
};
const COMBINED =
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n";
const SHOWN =
  "holds a private key, and would be shown in previews and in the state: give the key apart";
const stateless = [{ http01: { stateless: true } }];
const minimal = { account, dnsNames: ["example.com"], solvers: stateless };

function failuresOf(changes: Record<string, unknown>): string[] {
  return checkCertificate({ ...minimal, ...changes }).failures.map(
    ({ path, reason }) => `${path}: ${reason}`,
  );
}

describe("the arguments of a certificate", () => {
  it("are right when they are minimal", () => {
    expect(failuresOf({})).toEqual([]);
  });

  it("come back normalised: case, trailing dot, IDN, repetitions, order", () => {
    const { inputs } = checkCertificate({
      ...minimal,
      dnsNames: ["WWW.Example.com.", "bücher.example", "example.com", "www.example.com"],
      ipAddresses: ["2001:DB8::0:1"],
    });
    expect(inputs["dnsNames"]).toEqual(["example.com", "www.example.com", "xn--bcher-kva.example"]);
    expect(inputs["ipAddresses"]).toEqual(["2001:db8::1"]);
  });

  it("have a common name in the form that certificates hold, or an address", () => {
    const named = { ...minimal, dnsNames: ["bücher.example"], commonName: "BÜCHER.example" };
    expect(checkCertificate(named)).toMatchObject({
      failures: [],
      inputs: { commonName: "xn--bcher-kva.example" },
    });
    expect(failuresOf({ ipAddresses: ["2001:db8::1"], commonName: "2001:DB8::0:1" })).toEqual([]);
  });

  it("may say that there shall be no wait, and no tolerance", () => {
    const propagation = { check: "none", delay: "0s" };
    expect(failuresOf({ propagation, toleratesFailureUntil: "0d" })).toEqual([]);
    expect(failuresOf({ toleratesFailureUntil: "0%", timeout: "0s" })).toEqual([
      'timeout: must be a duration such as "36h" or "30d"',
    ]);
  });

  it("takes resolvers by address and by URL", () => {
    const resolvers = ["192.0.2.53:53", "[2001:db8::53]:53", "https://dns.example/dns-query"];
    expect(failuresOf({ propagation: { resolvers }, preflight: { resolvers } })).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "a resolver whose answers anybody on the way can change",
      { propagation: { resolvers: ["http://dns.example/dns-query"] } },
      "propagation.resolvers[0]: must be an https URL",
    ],
    [
      "a resolver without a port",
      { preflight: { resolvers: ["dns.example"] } },
      'must be "ip:port", or the URL of DNS over HTTPS',
    ],
    [
      "an unknown argument names the nearest",
      { dnsName: ["x"] },
      'dnsName: unknown argument; did you mean "dnsNames"?',
    ],
    [
      "a nested one, too",
      { solvers: [{ http01: { webrot: { path: "/x" } } }] },
      'solvers[0].http01.webrot: unknown argument; did you mean "webroot"?',
    ],
    [
      "no names",
      { dnsNames: [] },
      "dnsNames: a certificate needs at least one of dnsNames and ipAddresses",
    ],
    [
      "a bad name has its place",
      { dnsNames: ["good.example", "a..b"] },
      'dnsNames[1]: "a..b" is not a DNS name: it has an empty label',
    ],
    [
      "a wildcard with http-01",
      { dnsNames: ["example.com", "*.example.com"] },
      "dnsNames[1]: *.example.com is a wildcard, which only a DNS solver can prove",
    ],
    [
      "more than 100 names",
      { dnsNames: Array.from({ length: 101 }, (_, index) => `n${String(index)}.example.com`) },
      "dnsNames: 101 names are more than the 100 that a certificate can hold",
    ],
    [
      "a duration that is none",
      { timeout: "soon" },
      'timeout: must be a duration such as "36h" or "30d"',
    ],
    [
      "a margin that is none",
      { renewBefore: "0%" },
      'renewBefore: must be a duration such as "30d", or a share of the lifetime such as "33%"',
    ],
    ...["100%", "100.0%", "250%"].map((renewBefore): [string, Record<string, unknown>, string] => [
      `a margin of ${renewBefore}`,
      { renewBefore },
      "renewBefore: must be less than 100%: with the whole lifetime every run would renew",
    ]),
    [
      "a private key in the text of a certificate",
      { existing: { fullchainPem: COMBINED, privateKeyPem: "key" } },
      `existing.fullchainPem: ${SHOWN}`,
    ],
    [
      "a private key in the text of a request",
      { dnsNames: undefined, certificateRequestPem: COMBINED },
      `certificateRequestPem: ${SHOWN}`,
    ],
    ["a word misspelt", { keyType: "P265" }, 'did you mean "P256"?'],
    [
      "two ways of proving at once",
      { solvers: [{ http01: { stateless: true, listener: {} } }] },
      "exactly one of stateless, webroot, listener, tunnel, exec and webhook must be given",
    ],
    [
      "a relative webroot",
      { solvers: [{ http01: { webroot: { path: "www" } } }] },
      "solvers[0].http01.webroot.path: must be an absolute path",
    ],
    [
      "plain http to a public CA",
      { account: { ...account, directoryUrl: "http://ca.example/dir" } },
      "account.directoryUrl: must be an https URL",
    ],
    [
      "a common name that is not certified",
      { commonName: "other.example" },
      "commonName: must be one of dnsNames, or of ipAddresses",
    ],
    ["names beside a CSR", { certificateRequestPem: "x" }, "dnsNames: are the request's own"],
    ["a text that is no key", { privateKeyPem: "x" }, "privateKeyPem: "],
    [
      "a preflight setting misspelt",
      { preflight: { httpprt: 80 } },
      'preflight.httpprt: unknown argument; did you mean "httpPort"?',
    ],
    [
      "a PKCS#12 password that keytool refuses",
      { pkcs12Password: "pässwort" },
      "pkcs12Password: must be printable ASCII",
    ],
    ["a type that is wrong", { dnsNames: "example.com" }, "dnsNames: must be a list, not a string"],
    ["a missing account", { account: undefined }, "account: is missing"],
  ])("%s", (_what, changes, expected) => {
    expect(failuresOf(changes).join("\n")).toContain(expected);
  });

  it("the same key in another form is no other key, and its kind need not be said", async () => {
    const privateKeyPem = await generatePrivateKey("P384");
    const sec1 = createPrivateKey(privateKeyPem).export({ type: "sec1", format: "pem" });
    const written = { ...minimal, privateKeyPem: sec1, keyType: "P384" };
    const { inputs, failures } = checkCertificate(written);
    expect(failures).toEqual([]);
    expect(inputs).toEqual(checkCertificate({ ...minimal, privateKeyPem }).inputs);
    expect(failuresOf({ privateKeyPem, keyType: "RSA2048" })).toEqual([
      "keyType: the key in privateKeyPem is of the kind P384; leave keyType out",
    ]);
  });

  it("a plain http directory on loopback is let through", () => {
    expect(
      failuresOf({ account: { ...account, directoryUrl: "http://127.0.0.1:14000/dir" } }),
    ).toEqual([]);
  });

  it("no failure ever holds the value of a secret", () => {
    const secret = "very-secret-value";
    const all = [
      failuresOf({ account: { ...account, accountKeyPem: { nested: secret } } }),
      failuresOf({ pkcs12Password: `${secret}\u00e9` }),
      failuresOf({ privateKeyPem: [secret] }),
      failuresOf({ existing: { fullchainPem: secret, privateKeyPem: 5, privateKey: secret } }),
      failuresOf({
        solvers: [
          {
            http01: {
              webroot: { path: "/x", connection: { host: "h", password: [secret], hostKey: 5 } },
            },
          },
        ],
      }),
    ];
    for (const failures of all) {
      expect(failures.length).toBeGreaterThan(0);
      expect(failures.join()).not.toContain(secret);
    }
  });

  it("secret arguments leave `check` marked as secrets", () => {
    const { inputs } = checkCertificate({ ...minimal, privateKeyPem: "key" });
    expect(JSON.stringify(inputs["privateKeyPem"])).toContain("1b47061264138c4ac30d75fd1eb44270");
    expect(JSON.stringify(inputs["account"])).toContain("1b47061264138c4ac30d75fd1eb44270");
  });
});

describe("what is not known yet", () => {
  it.each<[string, Record<string, unknown>]>([
    ["an account", { account: { ...account, accountUrl: UNKNOWN, accountKeyPem: UNKNOWN } }],
    ["all of the account", { account: UNKNOWN }],
    ["the names", { dnsNames: UNKNOWN }],
    ["one name", { dnsNames: ["example.com", UNKNOWN] }],
    ["the solvers", { solvers: UNKNOWN }],
    [
      "a host in a solver",
      {
        solvers: [
          { http01: { webroot: { path: "/x", connection: { host: UNKNOWN, hostKey: UNKNOWN } } } },
        ],
      },
    ],
    ["a duration", { timeout: UNKNOWN }],
  ])("counts as right and is passed on: %s", (_what, changes) => {
    const { inputs, failures } = checkCertificate({ ...minimal, ...changes });
    expect(failures).toEqual([]);
    expect(JSON.stringify(inputs)).toContain(UNKNOWN);
  });
});

describe("a certificate with an order", () => {
  const order = {
    orderUrl: "https://ca.example/o/1",
    dnsNames: ["*.example.com", "example.com"],
    challenge: "dns-01",
    renewBefore: "10d",
  };
  const withOrder = { solvers: undefined, dnsNames: undefined, order };

  it("has the order's names and time of renewal", () => {
    const { inputs, failures } = checkCertificate({ ...minimal, ...withOrder });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ dnsNames: order.dnsNames, renewBefore: "10d" });
  });

  it("may name its names as well, in any order and form", () => {
    expect(failuresOf({ ...withOrder, dnsNames: ["Example.com.", "*.example.com"] })).toEqual([]);
    expect(failuresOf({ ...withOrder, dnsNames: ["example.com"] })).toEqual([
      "dnsNames: are not the order's names; leave them out, or give both the same",
    ]);
  });

  it("may be for a request, which brings its names itself", () => {
    const { inputs, failures } = checkCertificate({
      ...minimal,
      ...withOrder,
      certificateRequestPem: "CSR",
    });
    expect(failures).toEqual([]);
    expect(inputs["dnsNames"]).toBeUndefined();
  });

  it("may not be known in a preview", () => {
    expect(failuresOf({ ...withOrder, order: UNKNOWN })).toEqual([]);
    expect(failuresOf({ ...withOrder, order: { ...order, orderUrl: UNKNOWN } })).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["solvers", stateless, "cannot be given with order: its records are made by somebody else"],
    ["fallbackAccounts", [account], "cannot be given with order: an order belongs to one account"],
    ["ipAddresses", ["192.0.2.1"], "cannot be given with order: it is for DNS names"],
    ["renewBefore", "1d", "is the order's; give it to the AcmeOrder"],
    ["useRenewalInfo", false, "is the order's; give it to the AcmeOrder"],
    ["notAfter", "2030-01-01T00:00:00Z", "is the order's; give it to the AcmeOrder"],
    ["profile", "tlsserver", "is not the order's; give it to the AcmeOrder"],
  ])("leaves %s to the order", (key, value, reason) => {
    expect(failuresOf({ ...withOrder, [key]: value })).toEqual([`${key}: ${reason}`]);
  });
});
