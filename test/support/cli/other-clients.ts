/** What other ACME clients leave: by certbot and lego themselves, for the others as their documentation has it. */
import { execFile } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import type { Pebble } from "../ca/pebble";

const run = promisify(execFile);

export interface Issued {
  readonly fullchainPem: string;
  readonly privateKeyPem: string;
}

export class OtherClients {
  readonly #pebble: Pebble;
  readonly #folder: string;
  readonly caBundleFile: string;

  private constructor(pebble: Pebble, folder: string) {
    this.#pebble = pebble;
    this.#folder = folder;
    this.caBundleFile = join(folder, "ca.pem");
  }

  /** @param pebble - one that validates nothing */
  static async at(pebble: Pebble, folder: string): Promise<OtherClients> {
    const clients = new OtherClients(pebble, folder);
    await writeFile(clients.caBundleFile, pebble.caBundlePem);
    return clients;
  }

  /** @returns its configuration directory */
  async certbot(...runs: readonly (readonly string[])[]): Promise<string> {
    const directory = join(this.#folder, "certbot");
    const at = (name: string): string => join(this.#folder, `certbot-${name}`);
    for (const args of runs) {
      const common = [
        ...["certonly", "--non-interactive", "--agree-tos", "-m", "a@example.com"],
        ...["--server", this.#pebble.directoryUrl, "--config-dir", directory],
        ...["--work-dir", at("work"), "--logs-dir", at("logs")],
      ];
      const env = { ...process.env, REQUESTS_CA_BUNDLE: this.caBundleFile };
      await run("certbot", [...common, ...args], { env });
    }
    return directory;
  }

  /** lego 4. @returns what `--path` was */
  async lego(...args: readonly string[]): Promise<string> {
    const path = join(this.#folder, "lego");
    const common = [
      ...["--accept-tos", "--email", "a@example.com", "--path", path],
      ...["--server", this.#pebble.directoryUrl],
    ];
    const env = { ...process.env, LEGO_CA_CERTIFICATES: this.caBundleFile };
    await run("lego", [...common, ...args, "run"], { env });
    return path;
  }

  /** The folder of lego 5: the account has its server, and the key beside it. */
  async lego5(lego4: string): Promise<string> {
    const path = join(this.#folder, "lego5");
    const { server, ...account } = await legoAccount(lego4);
    const folder = `accounts/${server}/a@example.com`;
    await write(path, {
      [`${folder}/account.json`]: JSON.stringify({
        ...{ id: "a@example.com", email: "a@example.com", keyType: "EC256" },
        ...{ server: this.#pebble.directoryUrl },
        registration: { status: "valid", accountURL: account.url },
      }),
      [`${folder}/a@example.com.key`]: account.key,
    });
    await run("cp", ["-r", join(lego4, "certificates"), path]);
    return path;
  }

  /** `/var/lib/acme` of NixOS, which runs lego 4. */
  async nixos(lego4: string, name: string): Promise<string> {
    const path = join(this.#folder, "nixos");
    const { fullchainPem, privateKeyPem } = await legoCertificate(lego4, name);
    const end = fullchainPem.indexOf("-----END CERTIFICATE-----\n") + 26;
    await write(path, {
      [`${name}/fullchain.pem`]: fullchainPem,
      [`${name}/cert.pem`]: fullchainPem.slice(0, end),
      [`${name}/chain.pem`]: fullchainPem.slice(end),
      [`${name}/key.pem`]: privateKeyPem,
      [`${name}/full.pem`]: `${privateKeyPem}${fullchainPem}`,
      // Self-signed until the first order succeeds.
      "waiting.example/fullchain.pem": fullchainPem,
      "waiting.example/key.pem": privateKeyPem,
    });
    await mkdir(join(path, ".lego/accounts"), { recursive: true });
    await mkdir(join(path, ".lego", name), { recursive: true });
    const hash = "0123456789abcdef0123";
    await run("cp", ["-r", join(lego4, "accounts"), join(path, ".lego/accounts", hash)]);
    await run("cp", ["-r", join(lego4, "certificates"), join(path, ".lego", name, hash)]);
    return path;
  }

  /** The `state_path` of an issuer of nginx's ACME module. */
  async nginxAcme(lego4: string, name: string): Promise<string> {
    const path = join(this.#folder, "nginx-acme");
    const { fullchainPem, privateKeyPem } = await legoCertificate(lego4, name);
    const { key, url } = await legoAccount(lego4);
    await write(path, {
      "account.key": createPrivateKey(key).export({ type: "pkcs8", format: "pem" }).toString(),
      "account.url": url,
      [`${name}-d41d8cd98f00b204.crt`]: fullchainPem,
      [`${name}-d41d8cd98f00b204.key`]: privateKeyPem,
    });
    return path;
  }

  /** `~/.acme.sh`. @param variables - more of the certificate's */
  async acmeSh(
    lego4: string,
    name: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<string> {
    const path = join(this.#folder, "acme.sh");
    const { fullchainPem, privateKeyPem } = await legoCertificate(lego4, name);
    const { key } = await legoAccount(lego4);
    const { hostname, pathname } = new URL(this.#pebble.directoryUrl);
    const own = { Le_Domain: name, Le_Alt: "no", Le_API: this.#pebble.directoryUrl, ...variables };
    await write(path, {
      "account.conf": "LOG_FILE='/root/.acme.sh/acme.sh.log'\nSAVED_CF_Token='cf-token-value'\n",
      [`ca/${hostname}${pathname}/account.key`]: key,
      [`ca/${hostname}${pathname}/ca.conf`]: "CA_EMAIL='a@example.com'\n",
      [`${name}_ecc/${name}.conf`]: Object.entries(own)
        .map(([variable, value]) => `${variable}='${value}'\n`)
        .join(""),
      [`${name}_ecc/fullchain.cer`]: fullchainPem,
      [`${name}_ecc/${name}.key`]: privateKeyPem,
      "dnsapi/dns_cf.sh": "#!/usr/bin/env sh\n",
    });
    return path;
  }
}

async function legoCertificate(lego4: string, name: string): Promise<Issued> {
  const at = (ending: string): string => join(lego4, "certificates", `${name}${ending}`);
  return {
    fullchainPem: await readFile(at(".crt"), "utf8"),
    privateKeyPem: await readFile(at(".key"), "utf8"),
  };
}

async function legoAccount(lego4: string): Promise<{ server: string; key: string; url: string }> {
  const { stdout } = await run("ls", [join(lego4, "accounts")]);
  const server = stdout.trim();
  const folder = join(lego4, "accounts", server, "a@example.com");
  const account = JSON.parse(await readFile(join(folder, "account.json"), "utf8")) as {
    registration: { uri: string };
  };
  const key = await readFile(join(folder, "keys/a@example.com.key"), "utf8");
  return { server, key, url: account.registration.uri };
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode: 0o600 });
  }
}
