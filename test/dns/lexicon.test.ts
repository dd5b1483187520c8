/** TXT records by dns-lexicon: the real program, with its PowerDNS driver, against a real PowerDNS. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";

import { createProvider } from "../../sdk/challenges/dns-01/providers/lexicon/provider";
import type { LexiconArguments } from "../../sdk/challenges/dns-01/providers/lexicon/arguments";
import { ConfigurationError } from "../../sdk/util/errors";
import { connect, register } from "../support/ca/issue";
import { dns01Solver } from "../../sdk/challenges/dns-01";
import { startPebble } from "../support/ca/pebble";
import { type PowerDns, startPowerDns } from "../support/dns/power-dns";
import { prove } from "../support/dns/prove";
import { dnsRecord, providerContext, solverContext } from "../support/dns/records";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { describeUnless, missingTools } from "../support/process/tools";

// Below a public suffix, as lexicon wants its domains; nobody but this server is asked about them.
const ZONES = ["example.com", "sub.example.com"];
const missing = missingTools("lexicon", "pdns_server", "pebble", "pebble-challtestsrv");

let pdns: PowerDns;
let folder: TemporaryDirectory;

const provider = (changes: Partial<LexiconArguments> = {}) =>
  createProvider({
    provider: "powerdns",
    credentials: { authToken: pdns.apiKey, pdnsServer: pdns.apiUrl },
    ...changes,
  });
const left = async () => (await Promise.all(ZONES.map((zone) => pdns.txtRecords(zone)))).flat();

/** A program that notes its arguments and its environment, and then says something. */
function recorder(name: string, answer: string, code = 0): string[] {
  const script = join(folder.path, name);
  writeFileSync(
    script,
    `if [ "$1" = --version ]; then echo "lexicon 3.11.7"; exit; fi
     echo "$@" > "${script}.args"; env > "${script}.env"; echo '${answer}'; exit ${String(code)}`,
  );
  return ["/bin/sh", script];
}

describeUnless(missing, "lexicon", () => {
  beforeAll(async () => {
    folder = await temporaryDirectory("lexicon-");
    // Where it keeps the public suffix list; else in the home directory.
    vi.stubEnv("TLDEXTRACT_CACHE_PATH", join(folder.path, "suffixes"));
    // Without Debian's file it would ask publicsuffix.org for the list; where nobody listens, it takes its own copy.
    vi.stubEnv("https_proxy", "http://127.0.0.1:9");
    pdns = await startPowerDns(ZONES);
  });
  afterAll(async () => {
    await pdns.stop();
    vi.unstubAllEnvs();
    await folder.remove();
  });
  afterEach(async () => {
    expect(await left()).toEqual([]);
  });

  it("adds values under one name and removes its own, though they were there or are gone", async () => {
    const records = [dnsRecord("www.example.com"), dnsRecord("www.example.com")];
    await provider().add(records, providerContext());
    expect(await left()).toEqual(records.map(({ name, value }) => `${name} ${value}`).sort());
    await provider().add(records.slice(1), providerContext());
    await provider().remove(records.slice(0, 1), providerContext());
    expect(await left()).toEqual(records.slice(1).map(({ name, value }) => `${name} ${value}`));
    await provider().remove(records, providerContext());
  });

  it("takes a value that begins with a hyphen for no option", async () => {
    const random = dnsRecord("www.example.com");
    const record = { ...random, value: `-${random.value.slice(1)}` };
    await provider().add([record], providerContext());
    expect(await left()).toEqual([`${record.name} ${record.value}`]);
    await provider().remove([record], providerContext());
  });

  it("is told of a zone that is none of the public suffix list", async () => {
    const record = dnsRecord("www.sub.example.com");
    await provider({ zone: "sub.example.com" }).add([record], providerContext());
    expect(await pdns.txtRecords("sub.example.com")).toEqual([`${record.name} ${record.value}`]);
    await provider({ zone: "sub.example.com" }).remove([record], providerContext());
  });

  it("proves a domain and its wildcard to Pebble", async () => {
    const pebble = await startPebble({ resolver: pdns.server });
    const { client, close } = connect(pebble);
    try {
      const solver = dns01Solver({
        provider: provider(),
        resolvers: [pdns.server],
        propagation: { check: "resolvers", resolvers: [pdns.server] },
        followCname: false,
      });
      const names = ["example.com", "*.example.com"];
      const statuses = await prove(client, await register(client), names, solver, solverContext());
      expect(statuses).toEqual(["valid", "valid"]);
    } finally {
      await close();
      await pebble.stop();
    }
  });

  it("shows what lexicon said of wrong credentials, and never a secret", async () => {
    const authToken = "a-token-that-is-wrong";
    const credentials = { authToken, pdnsServer: pdns.apiUrl };
    const add = provider({ credentials }).add([dnsRecord("a.example.com")], providerContext());
    const message = await add.catch(String);
    expect(message).toMatch(/create of _acme-challenge\.a\.example\.com by lexicon powerdns: /);
    expect(message).toMatch(/lexicon ended with exit code 1: .*401 Client Error: Unauthorized/);
    expect(message).not.toContain(authToken);
  });

  it("shows which services lexicon knows, where it does not know one", async () => {
    const add = provider({ provider: "nosuch" }).add(
      [dnsRecord("a.example.com")],
      providerContext(),
    );
    await expect(add).rejects.toThrow(/lexicon ended with exit code 2: .*'porkbun', 'powerdns'/);
  });

  it("gets credentials in its environment alone, and the exact value", async () => {
    const command = recorder("inwx", "true");
    const record = { ...dnsRecord("www.example.co.uk"), ttl: 300 };
    await provider({
      command,
      provider: "inwx",
      credentials: { authUsername: "me", auth_password: " a-secret\n" },
    }).add([record], providerContext());
    const file = command[1] ?? "";
    expect(readFileSync(`${file}.args`, "utf8").trim()).toBe(
      `inwx create ${record.name} TXT --name ${record.name} --content=${record.value} --ttl 300 --output JSON`,
    );
    const environment = readFileSync(`${file}.env`, "utf8").split("\n");
    expect(environment).toContain("LEXICON_INWX_AUTH_USERNAME=me");
    expect(environment).toContain("LEXICON_INWX_AUTH_PASSWORD=a-secret");
  });

  it("is not believed to have done what it says it has not", async () => {
    const command = recorder("false", "false");
    const add = provider({ command }).add([dnsRecord("a.example.com")], providerContext());
    await expect(add).rejects.toThrow("lexicon says no: false");
  });

  it("that is not installed is told of, with how to install it", async () => {
    const command = [join(folder.path, "lexicon")];
    const add = provider({ command }).add([dnsRecord("a.example.com")], providerContext());
    await expect(add).rejects.toThrow(ConfigurationError);
    await expect(add).rejects.toThrow(
      /the solver lexicon needs the program dns-lexicon: .* could not be started: .*ENOENT.*apt-get install lexicon/,
    );
  });

  it.each(["lexicon 2.7.14", "Lexicon of terms"])(
    "of another kind is refused: %s",
    async (says) => {
      const script = join(folder.path, "old");
      writeFileSync(script, `echo "${says}"`);
      const command = ["/bin/sh", script];
      const add = provider({ command }).add([dnsRecord("a.example.com")], providerContext());
      await expect(add).rejects.toThrow(
        `--version says "${says}", which is not dns-lexicon 3 or later`,
      );
    },
  );
});
