/** What a person wants to know once it runs. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { rootsFile } from "./pebble.mjs";
import { pulumiCommand, shown } from "./places.mjs";
import { getPage } from "./https-page.mjs";

/**
 * Fetches the page as a browser would, and tells about it.
 *
 * @throws Error when it is not served with the certificate that is in the stack
 */
export async function report(outputs, ports) {
  const urls = outputs.names.map((name) => `https://${name}:${ports.https}/`);
  const roots = await readFile(rootsFile, "utf8");
  const [page] = await Promise.all(
    urls.map((url) => getPage(url, { ca: splitPem(roots), address: "127.0.0.1" })),
  );
  const served = page.certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  if (page.status !== 200 || served !== outputs.fingerprintSha256) {
    throw new Error(
      `${urls[0]} answers ${page.status} with certificate ${served}, not 200 with ${outputs.fingerprintSha256}`,
    );
  }
  return [
    ["Address", urls.join("  ")],
    ["Answer", `${page.status}, ${page.protocol}: "${/<h1>(.*)<\/h1>/.exec(page.body)?.[1]}"`],
    ["Names", outputs.names.join(", ")],
    ["Issuer", outputs.issuer],
    ["Valid until", instant(outputs.notAfter)],
    ["Renews at", `${instant(outputs.renewAt)}: the first \`pulumi up\` from then on`],
    ["Certificate", shown(outputs.paths.fullchain)],
    ["Private key", shown(outputs.paths.privateKey)],
    ["nginx", outputs.configFiles.map(shown).join("  ")],
  ]
    .map(([label, text]) => `  ${label.padEnd(12)} ${text}`)
    .join("\n");
}

/** How to look again. */
export function commands(outputs, ports, environment) {
  const [name] = outputs.names;
  const settings = Object.entries(environment).map(([key, value]) => `${key}="${inShell(value)}"`);
  return `  curl --cacert ${shown(rootsFile)} https://${name}:${ports.https}/
  openssl s_client -connect 127.0.0.1:${ports.https} -servername ${name} </dev/null | openssl x509 -noout -text
  export ${settings.join(" \\\n    ")}
  ${inShell(pulumiCommand())} stack --stack quickstart`;
}

/** Shorter, and good in another shell's history. */
function inShell(text) {
  return text.replaceAll(process.cwd(), "$PWD").replaceAll(homedir(), "$HOME");
}

function instant(text) {
  const days = Math.round((Date.parse(text) - Date.now()) / 86_400_000);
  return `${text.slice(0, 16).replace("T", " ")} UTC, in ${days} days`;
}

/** Node.js takes one certificate for each entry of a list, or one text; a list tells where a broken one stands. */
function splitPem(text) {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
