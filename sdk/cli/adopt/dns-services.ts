/** Which DNS services of ours stand for those of other clients, and under which names these keep the credentials. */
import { type FoundSolver, Secret, type Value } from "./found";

interface Counterpart {
  readonly provider: string;
  /** Argument → the other client's name for it. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The same, of what is no secret. */
  readonly others?: Readonly<Record<string, string>>;
}

/** @see https://github.com/acmesh-official/acme.sh/wiki/dnsapi */
export const ACME_SH_SERVICES: Readonly<Record<string, Counterpart>> = {
  dns_cf: { provider: "cloudflare", secrets: { apiToken: "CF_Token" } },
  dns_desec: { provider: "deSec", secrets: { token: "DEDYN_TOKEN" } },
  dns_dgon: { provider: "digitalOcean", secrets: { token: "DO_API_KEY" } },
  dns_gandi_livedns: {
    provider: "gandi",
    secrets: { personalAccessToken: "GANDI_LIVEDNS_TOKEN" },
  },
  dns_hetznercloud: { provider: "hetzner", secrets: { apiToken: "HETZNER_TOKEN" } },
  dns_linode_v4: { provider: "linode", secrets: { token: "LINODE_V4_API_KEY" } },
  dns_pdns: {
    provider: "powerDns",
    secrets: { apiKey: "PDNS_Token" },
    others: { apiUrl: "PDNS_Url", serverId: "PDNS_ServerId" },
  },
  dns_porkbun: {
    provider: "porkbun",
    secrets: { apiKey: "PORKBUN_API_KEY", secretApiKey: "PORKBUN_SECRET_API_KEY" },
  },
  dns_vultr: { provider: "vultr", secrets: { apiKey: "VULTR_API_KEY" } },
};

/** Names in the plugin's file, without the plugin's own before them. @see https://eff-certbot.readthedocs.io/en/stable/using.html#dns-plugins */
export const CERTBOT_SERVICES: Readonly<Record<string, Counterpart>> = {
  "dns-cloudflare": { provider: "cloudflare", secrets: { apiToken: "api_token" } },
  "dns-desec": { provider: "deSec", secrets: { token: "token" } },
  "dns-digitalocean": { provider: "digitalOcean", secrets: { token: "token" } },
  "dns-gandi": { provider: "gandi", secrets: { personalAccessToken: "token" } },
  "dns-linode": { provider: "linode", secrets: { token: "key" } },
  "dns-porkbun": { provider: "porkbun", secrets: { apiKey: "key", secretApiKey: "secret" } },
  "dns-vultr": { provider: "vultr", secrets: { apiKey: "key" } },
};

/** The solver's access; `undefined` where there is no counterpart, or something of it is missing. */
export function counterpartOf(
  service: Counterpart | undefined,
  value: (name: string) => string | undefined,
): FoundSolver["solver"] | undefined {
  if (service === undefined) return undefined;
  const found = (names: Readonly<Record<string, string>> = {}): [string, string | undefined][] =>
    Object.entries(names).map(([argument, name]) => [argument, value(name)]);
  const secrets = found(service.secrets);
  const others = found(service.others);
  if ([...secrets, ...others].some(([, text]) => text === undefined)) return undefined;
  return {
    [service.provider]: Object.fromEntries<Value>([
      ...others.map(([argument, text]) => [argument, text ?? ""] as const),
      ...secrets.map(([argument, text]) => [argument, new Secret(text ?? "")] as const),
    ]),
  };
}
