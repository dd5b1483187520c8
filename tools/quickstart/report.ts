/** What a person wants to know once it runs. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { getPage } from "../../test/support/process/https-get";
import { pulumiCommand, shown } from "./places";
import { rootsFile, type Ports } from "./servers";
import type { Outputs } from "./stack";

/**
 * Fetches the page as a browser would, and tells about it.
 *
 * @throws Error when it is not served with the certificate that is in the stack
 */
export async function report(outputs: Outputs, { https }: Ports): Promise<string> {
  const urlOf = (name: string): string => `https://${name}:${String(https)}/`;
  const [first] = outputs.names;
  const roots = splitPem(await readFile(rootsFile, "utf8"));
  const page = await getPage(urlOf(first), roots, "127.0.0.1");
  const served = page.certificate?.fingerprint256.replaceAll(":", "").toLowerCase();
  if (page.status !== 200 || served !== outputs.fingerprintSha256) {
    throw new Error(
      `${urlOf(first)} answers ${String(page.status)} with certificate ${String(served)}, not 200 with ${outputs.fingerprintSha256}`,
    );
  }
  return [
    ["Address", outputs.names.map(urlOf).join("  ")],
    ["Answer", `200, ${String(page.protocol)}: "${/<h1>(.*)<\/h1>/.exec(page.body)?.[1] ?? ""}"`],
    ["Names", outputs.names.join(", ")],
    ["Issuer", outputs.issuer],
    ["Valid until", instant(outputs.notAfter)],
    ["Renews at", `${instant(outputs.renewAt)}: the first \`pulumi up\` from then on`],
    ["Certificate", shown(outputs.paths.fullchain)],
    ["Private key", shown(outputs.paths.privateKey)],
    ["nginx", outputs.configFiles.map(shown).join("  ")],
  ]
    .map(([label = "", text = ""]) => `  ${label.padEnd(12)} ${text}`)
    .join("\n");
}

/** How to look again. */
export function commands(
  outputs: Outputs,
  { https }: Ports,
  environment: Readonly<Record<string, string>>,
): string {
  const [name] = outputs.names;
  const settings = Object.entries(environment).map(([key, value]) => `${key}="${inShell(value)}"`);
  return `  curl --cacert ${shown(rootsFile)} https://${name}:${String(https)}/
  openssl s_client -connect 127.0.0.1:${String(https)} -servername ${name} </dev/null | openssl x509 -noout -text
  export ${settings.join(" \\\n    ")}
  ${inShell(pulumiCommand())} stack --stack quickstart`;
}

/** Shorter, and good in another shell's history. */
function inShell(text: string): string {
  return text.replaceAll(process.cwd(), "$PWD").replaceAll(homedir(), "$HOME");
}

function instant(text: string): string {
  const days = Math.round((Date.parse(text) - Date.now()) / 86_400_000);
  return `${text.slice(0, 16).replace("T", " ")} UTC, in ${String(days)} days`;
}

/** Node.js takes one certificate for each entry of a list, or one text; a list tells where a broken one stands. */
function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
