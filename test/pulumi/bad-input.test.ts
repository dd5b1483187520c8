/** Wrong arguments on the real engine: each is refused before anything is asked of anybody, by a message that helps. */
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { generatePrivateKey } from "../../sdk/x509/keys";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { createStack, type Stack } from "../support/engine/pulumi";
import { generateSshKey } from "../support/ssh/ssh-keys";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";

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

/** One resource with wrong arguments: its check names all of them at once, and stops the deployment. */
interface Case {
  readonly title: string;
  readonly kind:
    "AcmeAccount" | "AcmeCertificate" | "CertificateDeployment" | "NginxSite" | "ServiceConfig";
  /** Default: `case`. */
  readonly name?: string;
  /** The arguments, as a program has them; `k` are generated keys. */
  readonly args: string;
  readonly says: readonly string[];
}

const DIRECTORY = 'directoryUrl: "https://ca.example/directory"';
const ACCOUNT = `account: { ${DIRECTORY}, accountUrl: "https://ca.example/acct/1", accountKeyPem: k.account }`;
const HTTP01 = "solvers: [{ http01: { stateless: true } }]";
const CERTIFICATE =
  'certificate: { fullchainPem: "-----BEGIN CERTIFICATE-----", privateKeyPem: k.certificate }';
const HOST = 'host: "host.example", privateKey: k.ssh, hostKey: k.host';

const CASES: readonly Case[] = [
  {
    title:
      "an account's: names, plain http to a public host, a secret that is wrong itself, one under a wrong name",
    kind: "AcmeAccount",
    args: `{
      directoryUrl: "http://ca.example/directory", termsOfServiceAgred: true, contact: ["mailto:"], keyType: "P-256",
      accountKeyPem: k.account.replace(/[A-Za-z]{8}/, "AAAAAAAA"),
      externalAccountBinding: { keyId: "1", hmacKeys: "${SECRET.misspelt}", hmacKey: "${SECRET.hmacKey}!" },
    }`,
    says: [
      "directoryUrl: must be an https URL (plain http only for a loopback host)",
      'termsOfServiceAgred: unknown argument; did you mean "termsOfServiceAgreed"?',
      "contact[0]: ",
      "keyType: must be one of P256, ",
      'did you mean "P256"?',
      "accountKeyPem: ",
      'externalAccountBinding.hmacKeys: unknown argument; did you mean "hmacKey"?',
      "externalAccountBinding.hmacKey: is empty or not base64url",
    ],
  },
  {
    title:
      "a certificate's: names at any depth, durations, names that are none, solvers that are two or none",
    kind: "AcmeCertificate",
    args: `{
      account: "${SECRET.misspelt}", dnsName: ["a.example"], dnsNames: ["a example", "192.0.2.1", "a..example"],
      ipAddresses: ["300.1.1.1"], renewBefore: "30 parsecs", timeout: "soon", privateKeyPem: k.certificate,
      solvers: [
        { http01: { stateless: true, listener: {} } },
        { dnsZones: ["a.example"] },
        { http01: { webroot: { path: "/var/www", connection: [{ ${HOST}, pasword: "${SECRET.inAList}" }] } } },
      ],
    }`,
    says: [
      "account: must be an object, not a string",
      'dnsName: unknown argument; did you mean "dnsNames"?',
      'dnsNames[0]: "a example" is not a DNS name',
      'dnsNames[1]: "192.0.2.1" is an IP address; it belongs into ipAddresses',
      'dnsNames[2]: "a..example" is not a DNS name: it has an empty label',
      'ipAddresses[0]: "300.1.1.1" is not an IP address',
      'renewBefore: must be a duration such as "30d", or a share of the lifetime such as "33%"',
      'timeout: must be a duration such as "36h" or "30d"',
      "solvers[0].http01: exactly one of stateless, webroot",
      "solvers[1]: exactly one of http01",
      'solvers[2].http01.webroot.connection[0].pasword: unknown argument; did you mean "password"?',
    ],
  },
  {
    title: "a certificate's: a wildcard with http-01, and more names than a certificate can hold",
    kind: "AcmeCertificate",
    args: `{
      ${ACCOUNT}, ${HTTP01}, pkcs12Password: "${SECRET.pkcs12Password}",
      dnsNames: ["*.a.example", ...Array.from({ length: 100 }, (_, i) => "n" + i + ".example")],
    }`,
    says: [
      "dnsNames: 101 names are more than the 100 that a certificate can hold",
      "dnsNames[0]: *.a.example is a wildcard, which only a DNS solver can prove",
    ],
  },
  {
    title: "a deployment's: beside every secret of a connection",
    kind: "CertificateDeployment",
    args: `{
      ${CERTIFICATE}, directory: "/etc/ssl/../shadow", verify: { timeout: "1 eon" }, servise: "nginx",
      files: [{ path: "a.pem", contents: "fullchain", mode: "rw-r--r--" }],
      connection: {
        ...{ ${HOST} }, port: 70000, password: "${SECRET.password}", sudoPassword: "${SECRET.sudoPassword}",
        privateKeyPassword: "${SECRET.privateKeyPassword}",
        hostKey: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
        proxy: { host: "jump.example", privateKey: "/home/${SECRET.inAList}/.ssh/id_ed25519", hostKey: k.host },
      },
    }`,
    says: [
      "directory: must be an absolute path without ..",
      "verify.timeout: must be a duration",
      'servise: unknown argument; did you mean "service"?',
      'files[0].contents: unknown argument; did you mean "content"?',
      'files[0].mode: must be an octal mode such as "0640"',
      "connection.port: must be a port from 1 to 65535",
      'connection.hostKey: must be the public key of the host, "ssh-ed25519 AAAA…"',
      "connection.proxy.privateKey: must be the text of a private key, not its path",
    ],
  },
  {
    title: "a deployment's: the name of the system's directory, and a host that nobody could know",
    kind: "CertificateDeployment",
    name: "certs",
    args: `{ ${CERTIFICATE}, connection: { host: "host.example", privateKey: k.ssh } }`,
    says: [
      "directory: must be given: /etc/ssl/certs belongs to the system",
      "connection: hostKey or knownHosts must be given",
    ],
  },
  {
    title: "a site's: names at any depth",
    kind: "NginxSite",
    args: `{
      connection: { ${HOST}, password: "${SECRET.password}", usr: "root" }, serverName: "a.example",
      serverNames: ["a.example"], root: "/srv", listen: { htps: 8443 },
    }`,
    says: [
      'connection.usr: unknown argument; did you mean "user"?',
      'serverName: unknown argument; did you mean "serverNames"?',
      'listen.htps: unknown argument; did you mean "https"?',
    ],
  },
  {
    title:
      "a site's: configuration in a server name, in a path and in a block that it closes; a file elsewhere",
    kind: "NginxSite",
    args: `{
      connection: { ${HOST}, password: "${SECRET.password}" }, serverNames: ["a.example; } server { listen 81"],
      root: "/srv\\n; }", extraConfig: "} server { listen 81;", configFile: "/etc/nginx/conf.d/../nginx.conf",
    }`,
    says: ["serverNames[0]: ", "root: ", "extraConfig: ", "configFile: must be the path of a file"],
  },
  {
    title: "a site's: a file with a line feed in its name",
    kind: "NginxSite",
    args: `{ connection: "local", serverNames: ["a.example"], root: "/srv", configFile: "/etc/nginx/a\\n/b.conf" }`,
    says: ["configFile: "],
  },
  {
    title:
      "a configuration's: a comment before JSON, a service nobody knows, an answer from nowhere",
    kind: "ServiceConfig",
    args: `{
      connection: { ${HOST}, password: "${SECRET.password}" }, path: "/etc/x/../y", mode: "rw-", commentPrefx: false,
      content: '{ "password": "${SECRET.inAList}" }', service: "haprxy", verify: { adress: "web:443" },
    }`,
    says: [
      "path: must be an absolute path without ..",
      'mode: must be an octal mode such as "0640"',
      'commentPrefx: unknown argument; did you mean "commentPrefix"?',
      "service: must be one of",
      'verify.adress: unknown argument; did you mean "address"?',
    ],
  },
];

describe("wrong arguments", () => {
  let stack: Stack;
  let keys: { account: string; certificate: string; ssh: string; host: string };
  /** All that anybody could see. */
  const seen: string[] = [];

  beforeAll(async () => {
    const [ssh, host] = [await generateSshKey(), await generateSshKey()];
    keys = {
      account: await generatePrivateKey("P256"),
      certificate: await generatePrivateKey("RSA2048"),
      ssh: ssh.privateKeyPem,
      host: host.publicKey,
    };
    stack = await createStack("export {};");
  });
  afterAll(() => stack.stop());

  it.each(CASES.map((one) => [one.title, one] as const))("%s", async (_title, one) => {
    await stack.setProgram(`
      import * as acme from "pulumi-acme";
      const k = ${JSON.stringify(keys)};
      new acme.${one.kind}(${JSON.stringify(one.name ?? "case")}, ${one.args});
    `);
    // With every detail that the CLI can be made to show.
    const result = await stack.preview({ expectFailure: true, args: ["--diff"] });
    const said = [
      ...result.diagnostics.map(({ message }) => message),
      result.stdout,
      result.stderr,
    ];
    seen.push(...said);
    const text = said.join("\n");
    expect(one.says.filter((part) => !text.includes(part))).toEqual([]);
    expect(text).not.toContain("unhandled");
  });

  it("put no secret before anybody's eyes, neither on the terminal nor in the engine's events", () => {
    const { account, certificate, ssh } = keys;
    const lines = [account, certificate, ssh].flatMap((pem) => pem.trim().split("\n").slice(1, -1));
    const secrets = [...Object.values(SECRET), ...lines];
    expect(secrets.every((secret) => secret.length > 5)).toBe(true);
    const text = seen.join("\n");
    expect(text).toContain("connection.port: must be a port");
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toContain("PRIVATE KEY");
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
      user: "hostmaster",
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
          contact: [pulumi.interpolate\`\${source.user}@known.example\`],
        } as any);
        const way = { account, solvers: [{ http01: { stateless: true } }], preflight: false };
        const certificate = new acme.AcmeCertificate("site", {
          ...way, dnsNames: [source.name, "known.example"], pkcs12Password: config.requireSecret("pkcs12Password"),
        } as any);
        const deployment = new acme.CertificateDeployment("site", {
          certificate, connection: "local", directory: source.directory,
          files: [{ path: "all.pem", content: "bundle", mode: source.mode }],
        } as any);
        const site = new acme.NginxSite("site", {
          connection: "local", serverNames: [source.name], challenge: { thumbprint: source.thumbprint },
          configFile: source.configFile, test: "true", reload: "true",
        } as any);
        // The last one, because a check that fails ends everything.
        new acme.AcmeCertificate("late", { ...way, dnsNames: [source.wrong] } as any, {
          dependsOn: [deployment, site],
        });
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

    const up = await stack.up({ skipPreview: true, expectFailure: true });
    expect(up.changes).toEqual({ create: 6 });
    expect((await stack.outputs())["dnsNames"]).toEqual(["known.example", "later.example"]);
    expect(up.stdout + up.stderr).toContain('dnsNames[0]: "not a name" is not a DNS name');
    const { text } = await stack.exportState();
    expect(text).not.toContain(SECRET.pkcs12Password);
    expect(text).not.toContain(accountKeyPem.split("\n")[1]);
    expect(text).not.toContain("PRIVATE KEY");
  });
});
