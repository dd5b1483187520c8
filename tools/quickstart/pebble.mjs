/** The CA: Pebble, Let's Encrypt's ACME server for tests, and a DNS server in which every name is this machine. */
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { runCommand } from "../commands.mjs";
import { getPage } from "./https-page.mjs";
import { inFolder, program } from "./places.mjs";
import { isListening } from "./processes.mjs";

const certificate = inFolder("pebble", "api.pem");
const key = inFolder("pebble", "api.key");
/** The roots of every Pebble that ran here: each start makes a new one, and certificates outlive it. */
export const rootsFile = inFolder("roots.pem");

export const apiCertificate = () => readFile(certificate, "utf8");
export const directoryUrl = (ports) => `https://127.0.0.1:${ports.api}/dir`;
export const resolver = (ports) => `127.0.0.1:${ports.dns}`;

export async function dnsServer(ports) {
  return {
    name: "challtestsrv",
    command: program("pebble-challtestsrv"),
    args: [
      ...["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
      ...["-dnsserver", resolver(ports), "-management", `127.0.0.1:${ports.dnsManagement}`],
      // Its own answers to challenges are off: nginx gives them here.
      ...["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""],
    ],
    log: inFolder("log", "challtestsrv.log"),
    ready: () => isListening(ports.dns),
  };
}

export async function pebbleServer(ports) {
  await mkdir(inFolder("pebble"), { recursive: true });
  if (!existsSync(certificate)) await makeApiCertificate();
  const settings = inFolder("pebble", "pebble.json");
  await writeFile(settings, JSON.stringify(configuration(ports), null, 2));
  return {
    name: "Pebble",
    command: program("pebble"),
    args: ["-strict", "-config", settings, "-dnsserver", resolver(ports)],
    // It would wait up to 15 seconds before each validation, as real ones may.
    env: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" },
    log: inFolder("log", "pebble.log"),
    ready: async () => (await isListening(ports.api)) && (await isListening(ports.management)),
  };
}

/** Adds the root of the Pebble that has just started to those that the quickstart trusts. */
export async function rememberRoot(ports) {
  const url = `https://127.0.0.1:${ports.management}/roots/0`;
  const { body } = await getPage(url, { ca: await apiCertificate() });
  await appendFile(rootsFile, body);
}

async function makeApiCertificate() {
  const { code, output } = await runCommand(program("openssl"), [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-days", "3650", "-subj", "/CN=quickstart ACME API"],
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ...["-keyout", key, "-out", certificate],
  ]);
  if (code !== 0) throw new Error(output);
}

function configuration(ports) {
  return {
    pebble: {
      listenAddress: `127.0.0.1:${ports.api}`,
      managementListenAddress: `127.0.0.1:${ports.management}`,
      certificate,
      privateKey: key,
      httpPort: ports.http,
      tlsPort: ports.https,
      externalAccountBindingRequired: false,
      caaIdentities: ["pebble.test"],
      keyAlgorithm: "ecdsa",
      profiles: {
        default: { description: "90 days", validityPeriod: 90 * 24 * 3600 },
      },
    },
  };
}
