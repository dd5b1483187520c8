/** Wrong arguments on the real engine: each is refused before anything is asked of anybody, by a message that helps. */
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { generatePrivateKey } from "../../sdk/x509/keys";
import { startPebble, type Pebble } from "../support/pebble";
import { createStack, type PulumiResult, type Stack } from "../support/pulumi";
import { generateSshKey } from "../support/ssh-keys";
import { temporaryDirectory, type TemporaryDirectory } from "../support/temp";

/** Texts that nobody may ever see, each beside or in a wrong argument. */
const SECRET = {
  password: "s3cret-p4ssword",
  sudoPassword: "s3cret-sud0",
  privateKeyPassword: "s3cret-passphrase",
  hmacKey: "s3cretHmacKeyInBase64urlAAAAAAAA",
  misspelt: "s3cretUnderAWrongName",
  pkcs12Password: "s3cret-pkcs12",
  inAList: "s3cret-in-a-list",
};

interface Case {
  /** What is wrong. */
  readonly title: string;
  /** The name of the resource; default: the place in the table. */
  readonly name?: string;
  readonly kind: "AcmeAccount" | "AcmeCertificate" | "CertificateDeployment" | "NginxSite";
  /** The arguments, as a program has them; `k` are generated keys. */
  readonly args: string;
  /** The message has all of these. */
  readonly says: readonly string[];
}

const DIRECTORY = 'directoryUrl: "https://ca.example/directory"';
const ACCOUNT = `account: { ${DIRECTORY}, accountUrl: "https://ca.example/acct/1", accountKeyPem: k.account }`;
const HTTP01 = "solvers: [{ http01: { stateless: true } }]";
const CERTIFICATE = `certificate: { fullchainPem: "-----BEGIN CERTIFICATE-----", privateKeyPem: k.certificate }`;
const HOST = `host: "host.example", privateKey: k.ssh, hostKey: k.host`;

const CASES: readonly Case[] = [
  {
    title: "an unknown argument of an account",
    kind: "AcmeAccount",
    args: `{ ${DIRECTORY}, termsOfServiceAgred: true, accountKeyPem: k.account }`,
    says: ['termsOfServiceAgred: unknown argument; did you mean "termsOfServiceAgreed"?'],
  },
  {
    title: "an unknown argument inside, which is a secret under a wrong name",
    kind: "AcmeAccount",
    args: `{ ${DIRECTORY}, externalAccountBinding: { keyId: "1", hmacKeys: "${SECRET.misspelt}" } }`,
    says: [
      'externalAccountBinding.hmacKeys: unknown argument; did you mean "hmacKey"?',
      "externalAccountBinding.hmacKey: is missing",
    ],
  },
  {
    title: "plain http to a public host",
    kind: "AcmeAccount",
    args: `{ directoryUrl: "http://ca.example/directory", externalAccountBinding: { keyId: "1", hmacKey: "${SECRET.hmacKey}" } }`,
    says: ["directoryUrl: must be an https URL (plain http only for a loopback host)"],
  },
  {
    title: "a secret that is wrong itself",
    kind: "AcmeAccount",
    args: `{ ${DIRECTORY}, accountKeyPem: k.account.replace(/[A-Za-z]{20}/, "AAAAAAAAAAAAAAAAAAAA"), keyType: "P-256" }`,
    says: ["accountKeyPem: ", "keyType: must be one of P256, ", 'did you mean "P256"?'],
  },
  {
    title: "mustExist without a key",
    kind: "AcmeAccount",
    args: `{ ${DIRECTORY}, mustExist: true, contact: ["mailto:"] }`,
    says: ["contact[0]: ", "mustExist: needs accountKeyPem: a new key cannot have an account"],
  },
  {
    title: "an unknown argument of a certificate",
    kind: "AcmeCertificate",
    args: `{ ${ACCOUNT}, ${HTTP01}, dnsName: ["a.example"] }`,
    says: ['dnsName: unknown argument; did you mean "dnsNames"?'],
  },
  {
    title: "an unknown argument in a solver's connection",
    kind: "AcmeCertificate",
    args: `{ ${ACCOUNT}, dnsNames: ["a.example"], solvers: [{ http01: { webroot: {
      path: "/var/www", connection: [{ ${HOST}, pasword: "${SECRET.inAList}" }] } } }] }`,
    says: [
      'solvers[0].http01.webroot.connection[0].pasword: unknown argument; did you mean "password"?',
    ],
  },
  {
    title: "a wildcard with http-01",
    kind: "AcmeCertificate",
    args: `{ ${ACCOUNT}, ${HTTP01}, dnsNames: ["a.example", "*.a.example"], pkcs12Password: "${SECRET.pkcs12Password}" }`,
    says: ["dnsNames[1]: *.a.example ", "dns-01"],
  },
  {
    title: "more names than a certificate can hold",
    kind: "AcmeCertificate",
    args: `{ ${ACCOUNT}, ${HTTP01}, dnsNames: Array.from({ length: 101 }, (_, i) => "n" + i + ".example") }`,
    says: ["dnsNames: 101 names are more than the 100 that a certificate can hold"],
  },
  {
    title: "names that are none",
    kind: "AcmeCertificate",
    args: `{ ${ACCOUNT}, ${HTTP01}, dnsNames: ["a example", "192.0.2.1", "a..example"], ipAddresses: ["300.1.1.1"] }`,
    says: [
      'dnsNames[0]: "a example" is not a DNS name',
      'dnsNames[1]: "192.0.2.1" is an IP address; it belongs into ipAddresses',
      'dnsNames[2]: "a..example" is not a DNS name: it has an empty label',
      'ipAddresses[0]: "300.1.1.1" is not an IP address',
    ],
  },
  {
    title: "durations that are none",
    kind: "AcmeCertificate",
    args: `{ ${ACCOUNT}, ${HTTP01}, dnsNames: ["a.example"], renewBefore: "30 parsecs", timeout: "soon", privateKeyPem: k.certificate }`,
    says: [
      'renewBefore: must be a duration such as "30d", or a share of the lifetime such as "33%"',
      'timeout: must be a duration such as "36h" or "30d"',
    ],
  },
  {
    title: "two ways at once, and none",
    kind: "AcmeCertificate",
    args: `{ ${ACCOUNT}, dnsNames: ["a.example"], solvers: [
      { http01: { stateless: true, listener: {} } }, { dnsZones: ["a.example"] }] }`,
    says: [
      "solvers[0].http01: exactly one of stateless, webroot",
      "solvers[1]: exactly one of http01",
    ],
  },
  {
    title: "something else than an account",
    kind: "AcmeCertificate",
    args: `{ account: "${SECRET.misspelt}", ${HTTP01}, dnsNames: ["a.example"] }`,
    says: ["account: must be an object, not a string"],
  },
  {
    title: "an unknown argument of a deployment's file",
    kind: "CertificateDeployment",
    args: `{ ${CERTIFICATE}, connection: { ${HOST} }, files: [{ path: "a.pem", contents: "fullchain" }] }`,
    says: ['files[0].contents: unknown argument; did you mean "content"?'],
  },
  {
    title: "a wrong argument beside every secret of a connection",
    kind: "CertificateDeployment",
    args: `{ ${CERTIFICATE}, connection: { ${HOST}, port: 70000, password: "${SECRET.password}",
      sudoPassword: "${SECRET.sudoPassword}", privateKeyPassword: "${SECRET.privateKeyPassword}" } }`,
    says: ["connection.port: must be a port from 1 to 65535"],
  },
  {
    title: "a line that is no host key",
    kind: "CertificateDeployment",
    args: `{ ${CERTIFICATE}, connection: { ...{ ${HOST} }, hostKey: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8" } }`,
    says: ['connection.hostKey: must be the public key of the host, "ssh-ed25519 AAAA…"'],
  },
  {
    title: "a host that nobody could know",
    kind: "CertificateDeployment",
    args: `{ ${CERTIFICATE}, connection: { host: "host.example", privateKey: k.ssh } }`,
    says: ["connection: hostKey or knownHosts must be given"],
  },
  {
    title: "the path of a private key instead of its text",
    kind: "CertificateDeployment",
    args: `{ ${CERTIFICATE}, connection: { ...{ ${HOST} }, privateKey: "/home/${SECRET.inAList}/.ssh/id_ed25519" } }`,
    says: ["connection.privateKey: must be the text of a private key, not its path"],
  },
  {
    title: "a name that is the system's directory",
    name: "certs",
    kind: "CertificateDeployment",
    args: `{ ${CERTIFICATE}, connection: "local" }`,
    says: ["directory: must be given: /etc/ssl/certs belongs to the system"],
  },
  {
    title: "a directory that climbs",
    kind: "CertificateDeployment",
    args: `{ ${CERTIFICATE}, connection: "local", directory: "/etc/ssl/../shadow", verify: { timeout: "1 eon" } }`,
    says: ["directory: must be an absolute path without ..", "verify.timeout: must be a duration"],
  },
  {
    title: "an unknown argument of a site",
    kind: "NginxSite",
    args: `{ connection: "local", serverNames: ["a.example"], root: "/srv", listen: { htps: 8443 } }`,
    says: ['listen.htps: unknown argument; did you mean "https"?'],
  },
  ...[
    ["climbs", "/etc/nginx/conf.d/../nginx.conf"],
    ["is relative", "conf.d/site.conf"],
    ["holds a line feed", "/etc/nginx/conf.d/a\\nb.conf"],
  ].map(([what = "", path = ""]): Case => ({
    title: `a configuration file whose path ${what}`,
    kind: "NginxSite",
    args: `{ connection: { ${HOST}, password: "${SECRET.password}" }, serverNames: ["a.example"], root: "/srv", configFile: "${path}" }`,
    says: ["configFile: must be "],
  })),
  {
    title: "configuration in a server name and in a path",
    kind: "NginxSite",
    args: `{ connection: "local", serverNames: ["a.example; } server { listen 81"], root: "/srv\\n; }" }`,
    says: ["serverNames[0]: ", "root: "],
  },
  {
    title: "a block that closes what it did not open",
    kind: "NginxSite",
    args: `{ connection: "local", serverNames: ["a.example"], root: "/srv", extraConfig: "} server { listen 81;" }`,
    says: ["extraConfig: "],
  },
];

describe("wrong arguments", () => {
  let stack: Stack;
  let result: PulumiResult;
  let keys: readonly string[];

  const nameOf = (one: Case): string => one.name ?? `case-${String(CASES.indexOf(one))}`;

  beforeAll(async () => {
    const [account, certificate] = [
      await generatePrivateKey("P256"),
      await generatePrivateKey("RSA2048"),
    ];
    const [ssh, host] = [await generateSshKey(), await generateSshKey()];
    keys = [account, certificate, ssh.privateKeyPem];
    const resources = CASES.map(
      (one) => `new acme.${one.kind}(${JSON.stringify(nameOf(one))}, ${one.args});`,
    );
    stack = await createStack(
      `
        import * as pulumi from "@pulumi/pulumi";
        import * as acme from "pulumi-acme";
        const k = ${JSON.stringify({ account, certificate, ssh: ssh.privateKeyPem, host: host.publicKey })} as any;
        ${resources.join("\n        ")}
      `,
    );
    // Everything is checked, and nothing done, because every resource is refused.
    result = await stack.up({
      skipPreview: true,
      expectFailure: true,
      args: ["--continue-on-error", "--diff"],
    });
  });
  afterAll(() => stack.stop());

  it.each(CASES.map((one) => [one.title, one] as const))("%s is named", (_title, one) => {
    const messages = result.diagnostics
      .filter(({ urn, severity }) => severity === "error" && urn.endsWith(`::${nameOf(one)}`))
      .map(({ message }) => message);
    for (const part of one.says) expect(messages).toContainEqual(expect.stringContaining(part));
  });

  it("are all of them refused", async () => {
    expect(result.changes).toEqual({ create: 1 });
    const { resources, pendingOperations } = await stack.exportState();
    expect(resources.filter(({ type }) => type.includes("acme:"))).toEqual([]);
    expect(pendingOperations).toEqual([]);
  });

  it("put no secret before anybody's eyes, neither on the terminal nor in the engine's events", () => {
    const seen = [
      result.stdout,
      result.stderr,
      ...result.diagnostics.map(({ message }) => message),
    ].join("\n");
    expect(seen).toContain("connection.port: must be a port");
    const lines = keys.flatMap((pem) =>
      pem.split("\n").filter((line) => line.length > 40 || /^[A-Za-z0-9+/]{20,}=*$/.test(line)),
    );
    const secrets = [...Object.values(SECRET), ...lines];
    expect(secrets.length).toBeGreaterThan(20);
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    expect(seen).not.toContain("PRIVATE KEY");
  });
});

describe("arguments that are not known in a preview", () => {
  let pebble: Pebble;
  let folder: TemporaryDirectory;
  let stack: Stack;

  beforeAll(async () => {
    [pebble, folder] = await Promise.all([
      startPebble({ alwaysValid: true }),
      temporaryDirectory("unknown-"),
    ]);
  });
  afterAll(async () => {
    await stack.stop();
    await folder.remove();
    await pebble.stop();
  });

  /** A resource whose outputs are known after it is created only, as those of a virtual machine are. */
  const source = (values: object): string => `
    const values = ${JSON.stringify(values)};
    const nothing = Object.fromEntries(Object.keys(values).map((key) => [key, undefined]));
    class Source extends pulumi.dynamic.Resource {
      constructor(name) {
        super({ create: async () => ({ id: "1", outs: values }) }, name, nothing);
      }
    }
    const source = new Source("source") as any;
  `;

  it("pass the preview, and are taken as they turn out to be", async () => {
    const values = {
      name: "Later.Example.",
      directory: join(folder.path, "ssl"),
      configFile: join(folder.path, "site.conf"),
      mode: "0640",
      thumbprint: "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
      wrong: "not a name",
    };
    const { directoryUrl, caBundlePem } = pebble;
    const accountKeyPem = await generatePrivateKey("P384");
    stack = await createStack(
      `
        import * as pulumi from "@pulumi/pulumi";
        import * as acme from "pulumi-acme";
        ${source(values)}
        const config = new pulumi.Config();
        const account = new acme.AcmeAccount("ca", {
          ...${JSON.stringify({ directoryUrl, caBundlePem, termsOfServiceAgreed: true })},
          accountKeyPem: config.requireSecret("accountKeyPem"),
          contact: [pulumi.interpolate\`hostmaster@\${source.name}\`],
        } as any);
        const way = { account, solvers: [{ http01: { stateless: true } }], preflight: false };
        const certificate = new acme.AcmeCertificate("site", {
          ...way, dnsNames: [source.name, "known.example"], pkcs12Password: config.requireSecret("pkcs12Password"),
        } as any);
        new acme.CertificateDeployment("site", {
          certificate, connection: "local", directory: source.directory,
          files: [{ path: "all.pem", content: "bundle", mode: source.mode }],
        } as any);
        new acme.NginxSite("site", {
          connection: "local", serverNames: [source.name], challenge: { thumbprint: source.thumbprint },
          configFile: source.configFile, test: "true", reload: "true",
        } as any);
        new acme.AcmeCertificate("late", { ...way, dnsNames: [source.wrong] } as any);
        export const dnsNames = certificate.dnsNames;
      `,
      {
        config: {
          accountKeyPem: { secret: accountKeyPem },
          pkcs12Password: { secret: SECRET.pkcs12Password },
        },
      },
    );
    const preview = await stack.preview();
    expect(preview.changes).toEqual({ create: 7 });
    expect(pebble.requests()).toEqual([]);

    const up = await stack.up({
      skipPreview: true,
      expectFailure: true,
      args: ["--continue-on-error"],
    });
    expect(up.changes).toEqual({ create: 6 });
    expect((await stack.outputs())["dnsNames"]).toEqual(["known.example", "later.example"]);
    expect(up.stdout + up.stderr).toContain('dnsNames[0]: "not a name" is not a DNS name');
    const { text } = await stack.exportState();
    expect(text).not.toContain(SECRET.pkcs12Password);
    expect(text).not.toContain(accountKeyPem.split("\n")[1]);
    expect(text).not.toContain("PRIVATE KEY");
  });
});
