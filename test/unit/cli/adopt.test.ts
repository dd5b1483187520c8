import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";

import { dnsProviderSchemas } from "../../../sdk/challenges/dns-01/providers";
import { acmeShSolvers } from "../../../sdk/cli/adopt/acme-sh-solvers";
import { certbot } from "../../../sdk/cli/adopt/certbot";
import { certbotSolvers } from "../../../sdk/cli/adopt/certbot-solvers";
import { readConfig } from "../../../sdk/cli/adopt/configobj";
import { directoryUrlOf } from "../../../sdk/cli/adopt/directory-url";
import { ACME_SH_SERVICES, CERTBOT_SERVICES } from "../../../sdk/cli/adopt/dns-services";
import { type FoundSolver, Secret } from "../../../sdk/cli/adopt/found";
import { lego } from "../../../sdk/cli/adopt/lego";
import { identifierOf, literal, uniqueNames } from "../../../sdk/cli/adopt/literal";
import { programFor } from "../../../sdk/cli/adopt/program";
import { readVariables } from "../../../sdk/cli/adopt/shell-variables";
import { createAuthority, type Validity } from "../../support/ca/certificate-authority";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/process/temp";

const DAY = 86_400_000;
/** As certbot stores an account's key. */
const RSA_JWK = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
  format: "jwk",
});

let folder: TemporaryDirectory;
let problems: string[];
const report = (problem: string): void => void problems.push(problem);

beforeEach(async () => {
  folder = await temporaryDirectory();
  problems = [];
  return () => folder.remove();
});

async function files(content: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
}

/** That what was found is one solver by `provider`, with arguments that its schema takes. */
function expectAccess(found: FoundSolver | undefined, provider: string): void {
  expect(problems).toEqual([]);
  const access = JSON.parse(
    JSON.stringify(found?.solver["dns01"], (_, value: unknown) =>
      value instanceof Secret ? value.text : value,
    ),
  ) as Readonly<Record<string, unknown>>;
  expect(Object.keys(access)).toEqual([provider]);
  const schemas: Readonly<Record<string, v.GenericSchema>> = dnsProviderSchemas();
  const schema = schemas[provider];
  expect(schema && v.safeParse(schema, access[provider]).issues).toBeUndefined();
  expect(schema).toBeDefined();
}

const accountJson = JSON.stringify({
  server: "https://ca.example/dir",
  registration: { accountURL: "https://ca.example/acct/1" },
});

/** A folder of lego 5 with one certificate. */
async function legoFolder(name: string, validity: Validity = {}): Promise<void> {
  const authority = await createAuthority();
  const { certificatePem, privateKeyPem } = await authority.issue([name], validity);
  await files({
    "accounts/ca.example/a/account.json": accountJson,
    "accounts/ca.example/a/a.key": privateKeyPem,
    [`certificates/${name}.json`]: JSON.stringify({ domain: name }),
    [`certificates/${name}.crt`]: certificatePem,
    [`certificates/${name}.key`]: privateKeyPem,
    [`certificates/${name}.issuer.crt`]: authority.rootPem,
  });
}

/** Modes of files mean nothing to root. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const user = process.geteuid?.();
  if (user === 0) process.seteuid?.("nobody");
  try {
    return await work();
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
}

describe("what is left out, and why", () => {
  it("is a certificate that has expired", async () => {
    await legoFolder("old.example", {
      notBefore: new Date(Date.now() - 9 * DAY),
      notAfter: new Date(Date.now() - DAY),
    });
    const { certificates } = await lego(folder.path, report);
    expect(certificates).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/old\.example\.crt: expired at \d{4}-.*; left out/),
    ]);
  });

  it("is a link that leads nowhere, and a text that is no certificate", async () => {
    await files({
      "renewal/gone.example.conf":
        "[renewalparams]\nserver = https://ca.example/dir\naccount = abc\n",
      "renewal/text.example.conf":
        "[renewalparams]\nserver = https://ca.example/dir\naccount = abc\n",
      "live/text.example/fullchain.pem": "no certificate",
      "live/text.example/privkey.pem": "no key",
      "accounts/ca.example/dir/abc/private_key.json": JSON.stringify(RSA_JWK),
    });
    await mkdir(join(folder.path, "live/gone.example"));
    await symlink("../../archive/none", join(folder.path, "live/gone.example/fullchain.pem"));
    const { certificates, accounts } = await certbot(folder.path, report);
    expect(certificates).toEqual([]);
    expect(accounts).toHaveLength(1);
    expect(problems).toEqual([
      expect.stringContaining("gone.example/fullchain.pem: there is no such file; left out"),
      expect.stringContaining("gone.example/privkey.pem: there is no such file; left out"),
      expect.stringMatching(/text\.example\/fullchain\.pem: .*; left out/),
    ]);
  });

  it("is what may not be read", async () => {
    await legoFolder("one.example");
    await chmod(folder.path, 0o755);
    await chmod(join(folder.path, "certificates/one.example.key"), 0o000);
    const { certificates } = await asNobody(() => lego(folder.path, report));
    expect(certificates).toEqual([]);
    expect(problems.join("\n")).toMatch(
      /one\.example\.key: may not be read by this user; run it as root/,
    );
  });

  it("is a certificate whose account has no key", async () => {
    await files({
      "renewal/one.example.conf":
        "[renewalparams]\nserver = https://ca.example/dir\naccount = ../../x\n",
    });
    expect(await certbot(folder.path, report)).toEqual({ accounts: [], certificates: [] });
    expect(problems[0]).toContain("there is no account with a key");
  });
});

describe("the program", () => {
  it("has the issuer beside a leaf that lies alone, and the key in the settings only", async () => {
    await legoFolder("one.example");
    const found = await lego(folder.path, report);
    expect(problems).toEqual([]);
    const { text, settings } = programFor(found, { client: "lego" });
    expect(text).toContain('existing: {\n    fullchainPem: config.require("oneExampleFullchain"),');
    expect(text).toContain('privateKeyPem: config.requireSecret("oneExamplePrivateKeyPem"),');
    expect(text).not.toContain("-----BEGIN");
    expect(settings.get("oneExampleFullchain")?.value.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(settings.get("oneExamplePrivateKeyPem")).toMatchObject({ isSecret: true });
  });

  it("escapes what other programs wrote, and leaves out what is undefined", () => {
    expect(literal({ a: 'x"\n${y}', "b-c": ["`"], none: undefined })).toBe(
      '{\n  a: "x\\"\\n${y}",\n  "b-c": ["`"],\n}',
    );
  });

  it("has one variable for each name", () => {
    const names = uniqueNames(["acme"]);
    expect(["*.a-b.example", "acme", "127.0.0.1", "acme"].map(identifierOf).map(names)).toEqual([
      "wildcardABExample",
      "acme2",
      "name127001",
      "acme3",
    ]);
  });
});

describe("certbot's methods", () => {
  const solvers = (text: string, ...dnsNames: string[]): Promise<FoundSolver[]> =>
    certbotSolvers(readConfig(text), dnsNames, report);

  it("are one solver for each webroot", async () => {
    const text = `authenticator = webroot
      webroot_path = /srv/a,
      [[webroot_map]]
      b.example = /srv/b`;
    expect(await solvers(text.replaceAll("[[", "[").replaceAll("]]", "]"), "a.example")).toEqual([
      { dnsNames: [], solver: { http01: { webroot: { path: "/srv/a" } } } },
    ]);
    const { sections } = readConfig(`[renewalparams]\n${text}`);
    const params = sections["renewalparams"] ?? readConfig("");
    expect(await certbotSolvers(params, ["a.example", "b.example"], report)).toEqual([
      { dnsNames: ["a.example"], solver: { http01: { webroot: { path: "/srv/a" } } } },
      { dnsNames: ["b.example"], solver: { http01: { webroot: { path: "/srv/b" } } } },
    ]);
  });

  it("are our DNS providers, with the plugin's credentials", async () => {
    await files({
      "cloudflare.ini": "dns_cloudflare_api_token = 0123\n",
      "rfc2136.ini": `dns_rfc2136_server = 192.0.2.1
dns_rfc2136_port = 53
dns_rfc2136_name = keyname.
dns_rfc2136_secret = c2VjcmV0
dns_rfc2136_algorithm = HMAC-SHA512
`,
    });
    expect(
      await solvers(
        `authenticator = dns-cloudflare\ndns_cloudflare_credentials = ${folder.path}/cloudflare.ini`,
      ),
    ).toEqual([{ solver: { dns01: { cloudflare: { apiToken: { text: "0123" } } } } }]);
    const rfc2136 = {
      ...{ server: "192.0.2.1:53", keyName: "keyname.", keyAlgorithm: "hmac-sha512" },
      keySecret: { text: "c2VjcmV0" },
    };
    expect(
      await solvers(
        `authenticator = dns-rfc2136\ndns_rfc2136_credentials = ${folder.path}/rfc2136.ini`,
      ),
    ).toEqual([{ solver: { dns01: { rfc2136 } } }]);
    expect(problems).toEqual([]);
  });

  it.each(Object.entries(CERTBOT_SERVICES))(
    "have a DNS service of ours for %s, with arguments that are its own",
    async (plugin, { provider, secrets }) => {
      const option = plugin.replaceAll("-", "_");
      const lines = Object.values(secrets).map((name) => `${option}_${name} = 0123\n`);
      await files({ "plugin.ini": lines.join("") });
      const [found] = await solvers(
        `authenticator = ${plugin}\n${option}_credentials = ${folder.path}/plugin.ini`,
      );
      expectAccess(found, provider);
    },
  );

  it("are a hook, and a report, where there is no counterpart", async () => {
    const [solver] = await solvers("authenticator = dns-ovh\ndns_ovh_credentials = /etc/ovh.ini");
    expect(solver?.solver).toEqual({ dns01: { exec: { command: ["./dns-hook.sh"] } } });
    expect(problems).toEqual([
      expect.stringContaining("dns-ovh with '/etc/ovh.ini' has no counterpart"),
    ]);
  });
});

describe("acme.sh's methods", () => {
  it("are one for each name, the last one for the rest", async () => {
    const variables = readVariables(`Le_Domain='a.example'
Le_Alt='b.example,c.example,d.example'
Le_Webroot='/srv/a,no,dns_cf'
Le_HTTPPort='8080'
`);
    const common = readVariables("SAVED_CF_Token='0123'\n");
    const dnsNames = ["a.example", "b.example", "c.example", "d.example"];
    expect(await acmeShSolvers({ variables, common, dnsNames }, report)).toEqual([
      { dnsNames: ["a.example"], solver: { http01: { webroot: { path: "/srv/a" } } } },
      { dnsNames: ["b.example"], solver: { http01: { listener: { port: 8080 } } } },
      {
        dnsNames: ["c.example", "d.example"],
        solver: { dns01: { cloudflare: { apiToken: { text: "0123" } } } },
      },
    ]);
  });

  it.each(Object.entries(ACME_SH_SERVICES))(
    "have a DNS service of ours for %s, with arguments that are its own",
    async (method, { provider, secrets, others = {} }) => {
      const value = (name: string): string => (name === "PDNS_Url" ? "https://ns.example" : "0123");
      const saved = [...Object.values(secrets), ...Object.values(others)].map(
        (name) => `SAVED_${name}='${value(name)}'\n`,
      );
      const variables = readVariables(`Le_Domain='a.example'\nLe_Webroot='${method}'\n`);
      const common = readVariables(saved.join(""));
      const [found] = await acmeShSolvers({ variables, common, dnsNames: ["a.example"] }, report);
      expectAccess(found, provider);
    },
  );

  it("read the key file of nsupdate", async () => {
    await files({
      "update.key": 'key "update" {\n\talgorithm hmac-sha256;\n\tsecret "c2VjcmV0";\n};\n',
    });
    const variables = readVariables(`Le_Domain='a.example'
Le_Webroot='dns_nsupdate'
SAVED_NSUPDATE_SERVER='ns.example'
SAVED_NSUPDATE_KEY='${folder.path}/update.key'
`);
    const found = await acmeShSolvers(
      { variables, common: new Map(), dnsNames: ["a.example"] },
      report,
    );
    expect(found.map(({ solver }) => solver)).toEqual([
      {
        dns01: {
          rfc2136: {
            ...{ server: "ns.example", keyName: "update", keyAlgorithm: "hmac-sha256" },
            keySecret: { text: "c2VjcmV0" },
          },
        },
      },
    ]);
  });
});

describe("the directory of a CA", () => {
  it.each([
    [
      "https://acme-v02.api.letsencrypt.org/acme/acct/1",
      "https://acme-v02.api.letsencrypt.org/directory",
    ],
    ["https://boulder.example/acme/acct/1", "https://boulder.example/directory"],
    ["https://ca.example/acme/acme/account/x", "https://ca.example/acme/acme/directory"],
    ["https://127.0.0.1:14000/my-account/1", "https://127.0.0.1:14000/dir"],
  ])("of the account %s is %s", (account, directory) => {
    expect(directoryUrlOf(account, report)).toBe(directory);
  });

  it("is asked for where nothing tells it", () => {
    expect(directoryUrlOf("https://ca.example/user/1", report)).toBeUndefined();
    expect(problems[0]).toContain("give it with --directory-url");
  });
});
