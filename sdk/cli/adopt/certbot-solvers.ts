/** How certbot proved names, as solvers. */
import { shellQuote } from "../../hosts/command/shell";
import { type ConfigSection, listOf, readConfig } from "./configobj";
import { CERTBOT_SERVICES, counterpartOf } from "./dns-services";
import { readText } from "./files";
import { type FoundSolver, type Report, Secret, type Value } from "./found";
import { hookForDns } from "./fallback-solver";

export async function certbotSolvers(
  params: ConfigSection,
  dnsNames: readonly string[],
  report: Report,
): Promise<FoundSolver[]> {
  const authenticator = params.values["authenticator"] ?? "";
  if (authenticator === "webroot") return webroots(params, dnsNames);
  if (authenticator === "standalone") return [standalone(params)];
  if (authenticator === "manual") return [manual(params)];
  if (authenticator === "nginx" || authenticator === "apache") {
    report(`${authenticator} answered http-01 in its configuration: see the remark in the program`);
    return [
      {
        solver: { http01: { stateless: true } },
        remark: `certbot changed ${authenticator}'s configuration for each challenge. Here it has one permanent location: an NginxSite has it, other servers get it from docs/solvers.md.`,
      },
    ];
  }
  return [await dnsPlugin(authenticator.replace(/^.*:/, ""), params, report)];
}

/** One solver per directory. */
function webroots(params: ConfigSection, dnsNames: readonly string[]): FoundSolver[] {
  const map = params.sections["webroot_map"]?.values ?? {};
  const fallback = listOf(params.values["webroot_path"]).at(-1);
  const byPath = new Map<string, string[]>();
  for (const name of dnsNames) {
    const path = map[name] ?? fallback;
    if (path !== undefined) byPath.set(path, [...(byPath.get(path) ?? []), name]);
  }
  return [...byPath].map(([path, names]) => ({
    dnsNames: byPath.size > 1 ? names : [],
    solver: { http01: { webroot: { path } } },
  }));
}

function standalone({ values }: ConfigSection): FoundSolver {
  const port = Number(values["http01_port"] ?? "80");
  return { solver: { http01: { listener: port === 80 ? {} : { port } } } };
}

/** certbot's two hooks read the same variables that `exec` sets. */
function manual({ values }: ConfigSection): FoundSolver {
  const present = values["manual_auth_hook"];
  if (present === undefined) {
    return hookForDns("certbot asked a person for the record");
  }
  const cleanup = values["manual_cleanup_hook"] ?? ":";
  const script = `case "$1" in present) ${present} ;; cleanup) ${cleanup} ;; esac`;
  const command = ["/bin/sh", "-c", script, "certbot"];
  const isDns = listOf(values["pref_challs"])[0]?.startsWith("dns") ?? false;
  return { solver: isDns ? { dns01: { exec: { command } } } : { http01: { exec: { command } } } };
}

async function dnsPlugin(
  plugin: string,
  { values }: ConfigSection,
  report: Report,
): Promise<FoundSolver> {
  const option = plugin.replaceAll("-", "_");
  const path = values[`${option}_credentials`];
  const credentials = readConfig(
    path === undefined ? "" : ((await readText(path, report)) ?? ""),
  ).values;
  const value = (name: string): string | undefined => credentials[`${option}_${name}`];
  if (plugin === "dns-route53") return { solver: { dns01: { route53: {} } } };
  const service = counterpartOf(CERTBOT_SERVICES[plugin], value);
  if (service !== undefined) return { solver: { dns01: service } };
  const rfc2136 = plugin === "dns-rfc2136" ? dynamicUpdates(value) : undefined;
  if (rfc2136 !== undefined) return { solver: { dns01: { rfc2136 } } };
  const what = path === undefined ? plugin : `${plugin} with ${shellQuote(path)}`;
  report(`${what} has no counterpart here: the program calls ./dns-hook.sh in its place`);
  return hookForDns(`certbot used ${what}`);
}

function dynamicUpdates(value: (name: string) => string | undefined): Value | undefined {
  const [server, port] = [value("server"), value("port")];
  const [keyName, keySecret] = [value("name"), value("secret")];
  // HMAC-MD5 is the plugin's default, and too weak for this package.
  const keyAlgorithm = value("algorithm")?.toLowerCase();
  if (server === undefined || keyName === undefined || keySecret === undefined) return undefined;
  if (keyAlgorithm === undefined || !keyAlgorithm.startsWith("hmac-sha")) return undefined;
  const address = port === undefined ? server : `${server}:${port}`;
  return { server: address, keyName, keySecret: new Secret(keySecret), keyAlgorithm };
}
