import { describe, expect, it } from "vitest";

import { SERVICES } from "../../../../sdk/deploy/services";
import { checkDeployment } from "../../../../sdk/provider/deployment/check";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n";
const urn = (name: string): string =>
  `urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:CertificateDeployment::${name}`;
const certificate = { fullchainPem: CERTIFICATE, privateKeyPem: KEY };
const minimal = { certificate, connection: "local", __urn: urn("web-1") };

function failuresOf(changes: Record<string, unknown>): string[] {
  return checkDeployment({ ...minimal, ...changes }, {}).failures.map(
    ({ path, reason }) => `${path}: ${reason}`,
  );
}

function pathsOf(changes: Record<string, unknown>, olds: Record<string, unknown> = {}): unknown {
  const { inputs, failures } = checkDeployment({ ...minimal, ...changes }, olds);
  expect(failures).toEqual([]);
  return inputs["paths"];
}

const inFiles = (file: Record<string, unknown>): Record<string, unknown> => ({
  files: [{ path: "/etc/x/a.pem", content: "fullchain", ...file }],
});

describe("the arguments of a deployment", () => {
  it("are right when they are minimal, and say where the files will lie", () => {
    const { inputs, failures } = checkDeployment(minimal, {});
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({
      directory: "/etc/ssl/web-1",
      paths: {
        fullchain: "/etc/ssl/web-1/fullchain.pem",
        privateKey: "/etc/ssl/web-1/privkey.pem",
      },
    });
  });

  it.each(Object.keys(SERVICES))("know the service %s", (service) => {
    expect(failuresOf({ service })).toEqual([]);
  });

  it("know several services at once, whose files come together", () => {
    expect(pathsOf({ service: ["nginx", "haproxy"] })).toEqual({
      fullchain: "/etc/ssl/web-1/fullchain.pem",
      privateKey: "/etc/ssl/web-1/privkey.pem",
      bundle: "/etc/ssl/web-1/haproxy.pem",
    });
  });

  it.each<[string, Record<string, unknown>, string | RegExp]>([
    [
      "an unknown argument names the nearest",
      { directroy: "/x" },
      'directroy: unknown argument; did you mean "directory"?',
    ],
    [
      "a nested one, too",
      { verify: { adress: "x:1" } },
      'verify.adress: unknown argument; did you mean "address"?',
    ],
    [
      "one of a file",
      inFiles({ owener: "root" }),
      'files[0].owener: unknown argument; did you mean "owner"?',
    ],
    [
      "a service of nobody in a list",
      { service: ["postfix", "dovecott"] },
      /^service\[1\]: must be one of .*"dovecot"\?$/,
    ],
    ["a list of no services", { service: [] }, "service: must not be empty"],
    ["a service of nobody", { service: "nginks" }, /^service: must be one of .*"nginx"\?$/],
    ["a name for no directory", { __urn: urn("a b") }, /^directory: must be given, because/],
    ["two dots for a name", { __urn: urn("..") }, /^directory: must be given, because/],
    [
      "a system directory's name",
      { __urn: urn("certs") },
      "directory: must be given: /etc/ssl/certs belongs to the system",
    ],
    [
      "another one's",
      { __urn: urn("private") },
      "directory: must be given: /etc/ssl/private belongs to the system",
    ],
    ["a relative directory", { directory: "ssl" }, /^directory: must be an absolute path/],
    ["a way up", { directory: "/etc/ssl/../x" }, /^directory: must be an absolute path/],
    ["a line break in a path", inFiles({ path: "/etc/a\nb" }), /^files\[0\]\.path: must be/],
    ["a way up in a name", inFiles({ path: ".." }), /^files\[0\]\.path: must be/],
    ["a relative path with folders", inFiles({ path: "a/b.pem" }), /^files\[0\]\.path: must be/],
    ["the switch's own name", inFiles({ path: ".current" }), /^files\[0\]\.path: must be/],
    ["a folder of the switch", inFiles({ path: "/x/.v-1-a/b" }), /^files\[0\]\.path: must be/],
    ["a mode with too much", inFiles({ mode: "4755" }), /^files\[0\]\.mode: must be an octal mode/],
    ["an owner with a colon", inFiles({ owner: "a:b" }), /^files\[0\]\.owner: must be a name/],
    ["an owner that is an option", inFiles({ owner: "-R" }), /^files\[0\]\.owner: must be a name/],
    ["two access entries in one", inFiles({ acl: ["u:a:r,u:b:r"] }), /^files\[0\]\.acl\[0\]: must/],
    ["PKCS#12 without a password", inFiles({ content: "pkcs12" }), /^files\[0\]: a pkcs12 needs/],
    ["a password for PEM", inFiles({ password: "x" }), /^files\[0\]: only a pkcs12 has/],
    ["no files", { files: [] }, "files: must not be empty; left out, it is the service's"],
    [
      "two files of one path",
      {
        directory: "/d",
        files: [
          { path: "a", content: "fullchain" },
          { path: "/d/a", content: "issuer" },
        ],
      },
      "files[1].path: is the path of another file, too",
    ],
    [
      "a file inside of a file",
      {
        files: [
          { path: "/d/a", content: "fullchain" },
          { path: "/d/a/b", content: "issuer" },
        ],
      },
      "files[1].path: lies inside of another file",
    ],
    ["verify: true", { verify: true }, /^verify: must be an object, "report" or false/],
    [
      "a wrong word for verify",
      { verify: "warn" },
      /^verify: must be an object, "report" or false/,
    ],
    [
      "a report where no port is known",
      { verify: "report" },
      "verify: has no port to look at: the service says none",
    ],
    [
      "an address of nothing",
      { verify: { address: "a:b:c" } },
      /^verify\.address: must be "host:po/,
    ],
    [
      "a port of nothing",
      { verify: { address: "a:70000" } },
      /^verify\.address: must be "host:port/,
    ],
    [
      "a service without a port",
      { verify: {} },
      "verify.address: must be given with a port, because the service says none",
    ],
    [
      "a time that is none",
      { verify: { address: "a:1", timeout: "soon" } },
      /^verify\.timeout: must/,
    ],
    [
      "a user that is an option",
      { readableBy: ["-u"] },
      /^readableBy\[0\]: must be the name of a u/,
    ],
    ["an empty command", { reload: " " }, "reload: is empty"],
    [
      "no certificate",
      { certificate: undefined },
      /^certificate: is missing; only with `selfSigned: true`/,
    ],
    [
      "a private key beside the certificate",
      { certificate: { fullchainPem: CERTIFICATE + KEY } },
      "certificate.fullchainPem: holds a private key, and would be shown in previews and in the state: give the key apart",
    ],
    [
      "a path for a certificate",
      { certificate: { fullchainPem: "/etc/x.pem" } },
      "certificate.fullchainPem: must be certificates in PEM, the leaf first",
    ],
    [
      "text beside the certificate, as openssl prints it",
      { certificate: { fullchainPem: `Certificate:\n    Data:\n${CERTIFICATE}` } },
      /^certificate\.fullchainPem: holds something besides the blocks of certificates/,
    ],
    [
      "another block beside the certificate",
      {
        certificate: { fullchainPem: CERTIFICATE + CERTIFICATE.replaceAll("CERT", "TRUSTED CERT") },
      },
      /^certificate\.fullchainPem: holds something besides the blocks of certificates/,
    ],
    [
      "a connection without a host key",
      { connection: { host: "h", password: "p" } },
      /^connection: hostKey or knownHosts must be given/,
    ],
  ])("%s", (_what, changes, expected) => {
    const failures = failuresOf(changes);
    expect(failures).toHaveLength(1);
    if (typeof expected === "string") expect(failures[0]).toBe(expected);
    else expect(failures[0]).toMatch(expected);
  });

  it("never show a secret in a reason", () => {
    const secret = "the-secret-of-this-test";
    const failures = failuresOf({
      certificate: { fullchainPem: secret, privateKeyPem: secret, fulchainPem: secret },
      connection: { host: "h", password: secret, privateKey: secret, hostkey: secret },
      files: [{ path: "/a", content: "pkcs12", password: `${secret}\n`, mod: secret }],
    });
    expect(failures.length).toBeGreaterThan(4);
    expect(failures.join("\n")).not.toContain(secret);
  });

  it("mark what is secret, also where it came inside of an output", () => {
    const { inputs } = checkDeployment(
      { ...minimal, files: [{ path: "/a", content: "pkcs12", password: "p" }] },
      {},
    );
    const marked = JSON.stringify(inputs);
    expect(inputs).toMatchObject({
      certificate: {
        privateKeyPem: { [SECRET_SIGNATURE]: expect.any(String) as string, value: KEY },
      },
      files: [{ password: { value: "p" } }],
    });
    expect(marked).toContain(SECRET_SIGNATURE);
  });
});

describe("the paths of a deployment", () => {
  it("are the first file's of each content, names being in the directory", () => {
    const files = [
      { path: "cert.pem", content: "fullchain" },
      { path: "/elsewhere/copy.pem", content: "fullchain" },
      { path: "/elsewhere/key.pem", content: "privateKey" },
    ];
    expect(pathsOf({ directory: "/d", files })).toEqual({
      fullchain: "/d/cert.pem",
      privateKey: "/elsewhere/key.pem",
    });
  });

  it("are known in a preview in which the certificate is not", () => {
    const unknown = { fullchainPem: UNKNOWN, privateKeyPem: UNKNOWN };
    expect(pathsOf({ certificate: unknown })).toEqual(pathsOf({}));
  });

  it("have no key for a certificate of somebody's CSR, also in the preview of its renewal", () => {
    const withoutKey = { fullchain: "/etc/ssl/web-1/fullchain.pem" };
    const old = { fullchainPem: CERTIFICATE };
    expect(pathsOf({ certificate: old })).toEqual(withoutKey);
    const renewal = { fullchainPem: UNKNOWN, privateKeyPem: UNKNOWN };
    expect(pathsOf({ certificate: renewal }, { ...minimal, certificate: old })).toEqual(withoutKey);
  });

  it("are unknown while the directory is", () => {
    expect(pathsOf({ directory: UNKNOWN })).toBe(UNKNOWN);
    expect(pathsOf({ files: UNKNOWN })).toBe(UNKNOWN);
    expect(pathsOf({ files: [UNKNOWN, { path: "a", content: "issuer" }] })).toBe(UNKNOWN);
    expect(pathsOf({ files: [{ path: UNKNOWN, content: "issuer" }] })).toBe(UNKNOWN);
    expect(pathsOf({ service: UNKNOWN })).toBe(UNKNOWN);
  });
});
