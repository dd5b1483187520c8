/** How acme.sh proved names, as solvers. */
import { ACME_SH_SERVICES, counterpartOf } from "./dns-services";
import { readText } from "./files";
import { type FoundSolver, type Report, Secret } from "./found";
import { hookForDns } from "./fallback-solver";
import type { ShellVariables } from "./shell-variables";

export interface AcmeShNames {
  /** Of the certificate. */
  readonly variables: ShellVariables;
  /** Of all certificates. */
  readonly common: ShellVariables;
  readonly dnsNames: readonly string[];
}

/** `Le_Webroot` has a method for each name, in the order of `Le_Domain` and `Le_Alt`; the last one stands for the rest. */
export async function acmeShSolvers(
  { variables, common, dnsNames }: AcmeShNames,
  report: Report,
): Promise<FoundSolver[]> {
  const methods = (variables.get("Le_Webroot") ?? "").split(",");
  const alternatives = (variables.get("Le_Alt") ?? "no").split(",").filter((name) => name !== "no");
  const names = [variables.get("Le_Domain") ?? "", ...alternatives];
  const byMethod = new Map<string, string[]>();
  for (const [index, name] of names.entries()) {
    const method = methods[Math.min(index, methods.length - 1)] ?? "";
    if (dnsNames.includes(name)) byMethod.set(method, [...(byMethod.get(method) ?? []), name]);
  }
  const solvers = [];
  for (const [method, ofMethod] of byMethod) {
    const solver = await solverOf(method, { variables, common }, report);
    solvers.push({ ...solver, dnsNames: byMethod.size > 1 ? ofMethod : [] });
  }
  return solvers;
}

type Stored = Pick<AcmeShNames, "variables" | "common">;

async function solverOf(method: string, stored: Stored, report: Report): Promise<FoundSolver> {
  const port = (variable: string): { port?: number } => {
    const value = Number(stored.variables.get(variable));
    return value > 0 ? { port: value } : {};
  };
  if (method === "no") return { solver: { http01: { listener: port("Le_HTTPPort") } } };
  if (method === "alpn") return { solver: { tlsAlpn01: { listener: port("Le_TLSPort") } } };
  if (method.startsWith("/")) return { solver: { http01: { webroot: { path: method } } } };
  if (method.startsWith("dns")) return dnsSolver(method, stored, report);
  const remark = `acme.sh used "${method}". Here the server has one permanent location: an NginxSite has it, other servers get it from docs/solvers.md.`;
  if (method !== "stateless") {
    report(`its method "${method}" has no counterpart: see the remark in the program`);
  }
  return { solver: { http01: { stateless: true } }, remark };
}

async function dnsSolver(method: string, stored: Stored, report: Report): Promise<FoundSolver> {
  const value = (name: string): string | undefined =>
    [stored.variables, stored.common]
      .flatMap((variables) => [variables.get(`SAVED_${name}`), variables.get(name)])
      .find((found) => found !== undefined);
  const service = counterpartOf(ACME_SH_SERVICES[method], value);
  const solver = service ?? (await PROVIDERS[method]?.(value, report));
  if (solver !== undefined) return { solver: { dns01: solver } };
  report(`${method} has no counterpart here: the program calls ./dns-hook.sh in its place`);
  return hookForDns(`acme.sh used ${method}`);
}

type Lookup = (name: string) => string | undefined;
type Access = FoundSolver["solver"];

const PROVIDERS: Readonly<
  Record<
    string,
    (value: Lookup, report: Report) => Promise<Access | undefined> | Access | undefined
  >
> = {
  dns_aws: (value) => {
    const [accessKeyId, key] = [value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY")];
    if (accessKeyId === undefined || key === undefined) return { route53: {} };
    return { route53: { accessKeyId, secretAccessKey: new Secret(key) } };
  },
  dns_acmedns: (value) => {
    const [url, username] = [value("ACMEDNS_BASE_URL"), value("ACMEDNS_USERNAME")];
    const [password, subdomain] = [value("ACMEDNS_PASSWORD"), value("ACMEDNS_SUBDOMAIN")];
    if (username === undefined || password === undefined || subdomain === undefined) {
      return undefined;
    }
    const access = { username, password: new Secret(password), subdomain };
    return { acmeDns: { url: url ?? "https://auth.acme-dns.io", ...access } };
  },
  dns_nsupdate: async (value, report) => {
    const key = value("NSUPDATE_KEY");
    const text = key === undefined ? undefined : await readText(key, report);
    const read = (pattern: RegExp): string | undefined => pattern.exec(text ?? "")?.[1];
    const keyName = read(/\bkey\s+"?([^"\s{;]+)/);
    const keySecret = read(/\bsecret\s+"?([^"\s;]+)/);
    if (keyName === undefined || keySecret === undefined) return undefined;
    const [server, port] = [value("NSUPDATE_SERVER") ?? "localhost", value("NSUPDATE_SERVER_PORT")];
    return {
      rfc2136: {
        server: port === undefined ? server : `${server}:${port}`,
        keyName,
        keySecret: new Secret(keySecret),
        keyAlgorithm: read(/\balgorithm\s+"?([\w-]+)/)?.toLowerCase() ?? "hmac-sha256",
      },
    };
  },
};
