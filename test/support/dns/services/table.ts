/** The table of DNS services in `docs/solvers.md`: what each is called and needs; its arguments are those of the schema. */
import { join } from "node:path";
import type * as v from "valibot";

import {
  dnsProviderSchemas,
  type DnsProviderArguments,
} from "../../../../sdk/challenges/dns-01/providers";

export const DOCUMENT = join(__dirname, "../../../../docs/solvers.md");

/** Servers and hooks, which the page describes apart. */
type Apart = "rfc2136" | "acmeDns" | "lexicon" | "webhook" | "exec";

interface Description {
  readonly service: string;
  /** How it is set up: what the credentials have to be, and what is special. */
  readonly setup: string;
}

/** A service that the table describes. */
export type ServiceName = Exclude<keyof DnsProviderArguments, Apart>;

export const SERVICES: Readonly<Record<ServiceName, Description>> = {
  azure: {
    service: "[Azure DNS](https://learn.microsoft.com/azure/dns/)",
    setup:
      "Client secret of an application with the role DNS Zone Contributor for the zone. Without `clientSecret`: package `@azure/identity` beside this one, and whatever it finds: environment, workload and managed identities, `az login`. `apiUrl` and `loginUrl` are for sovereign clouds.",
  },
  cloudflare: {
    service: "[Cloudflare](https://developers.cloudflare.com/api/)",
    setup:
      "API token with Zone → DNS → Edit, and Zone → Zone → Read unless `zoneId` is given. It may be limited to one zone.",
  },
  deSec: {
    service: "[deSEC](https://desec.readthedocs.io/)",
    setup:
      "Token; its policies, if there are any, must allow TXT records. TTLs are an hour at least. A domain takes 15 changes a minute and 300 a day: put many names into one certificate.",
  },
  digitalOcean: {
    service: "[DigitalOcean](https://docs.digitalocean.com/reference/api/)",
    setup:
      "Personal access token with the scopes `domain:read`, `domain:create` and `domain:delete`.",
  },
  gandi: {
    service: "[Gandi LiveDNS](https://api.gandi.net/docs/livedns/)",
    setup:
      'Personal access token with "Manage domain name technical configurations" for the domain. TTLs are 300 seconds at least.',
  },
  googleCloud: {
    service: "[Google Cloud DNS](https://cloud.google.com/dns/docs)",
    setup:
      "JSON key of a service account with the role DNS Administrator, as text. Without `credentials`, or with those of a workload identity: package `google-auth-library` beside this one, and whatever it finds. Of zones of one name the public one is used; give `managedZone` where there are several.",
  },
  hetzner: {
    service: "[Hetzner](https://docs.hetzner.cloud/reference/cloud#dns)",
    setup:
      "API token with Read & Write, of the Cloud Console's project that has the zone. Zones of the old DNS Console have to be migrated first.",
  },
  inwx: {
    service: "[INWX](https://www.inwx.com/en/help/apidoc)",
    setup:
      'User name and password; `sharedSecret` where the account has a second factor: the secret behind its QR code. `apiUrl: "https://api.ote.domrobot.com/jsonrpc/"` is the test system. TTLs are 300 seconds at least.',
  },
  linode: {
    service: "[Linode](https://techdocs.akamai.com/linode-api/reference/get-domains)",
    setup:
      'Personal access token with Read/Write for Domains. Linode may take a quarter of an hour to publish: `propagation: { timeout: "20m" }`, and a certificate\'s `timeout: "30m"`.',
  },
  ovh: {
    service: "[OVHcloud](https://eu.api.ovh.com/createToken/)",
    setup:
      "Keys of an application (eu.api.ovh.com/createToken) with GET, POST and DELETE on `/domain/zone/*`. `endpoint` is `ovh-eu`, `ovh-ca`, `ovh-us`, `kimsufi-eu`, `kimsufi-ca`, `soyoustart-eu` or `soyoustart-ca`.",
  },
  porkbun: {
    service: "[Porkbun](https://porkbun.com/api/json/v3/documentation)",
    setup:
      "API key and secret key (Account → API Access); turn on API Access in the details of the domain. TTLs are 600 seconds at least.",
  },
  powerDns: {
    service: "[PowerDNS](https://doc.powerdns.com/authoritative/http-api/)",
    setup:
      "The authoritative server with `api=yes` and `webserver=yes`; `apiUrl` is the URL of its web server (`https`, or a loopback host), without `/api/v1`. Secondaries are told of changes.",
  },
  route53: {
    service: "[Amazon Route 53](https://docs.aws.amazon.com/Route53/latest/APIReference/)",
    setup:
      "Package `@aws-sdk/client-route-53` (version 3) beside this one. Arguments that are absent are found as the AWS SDK does it: environment, profile, instance. Needs `route53:ListHostedZonesByName` (unless `hostedZoneId` is given), `route53:ListResourceRecordSets`, `route53:ChangeResourceRecordSets` and `route53:GetChange`. AWS takes five calls a second from an account; a certificate needs about five.",
  },
  vultr: {
    service: "[Vultr](https://www.vultr.com/api/#tag/dns)",
    setup:
      "API key; its Access Control (Account → API) must list the addresses of the machine where Pulumi runs.",
  },
};

const HEAD = ["`dns01`", "service", "arguments", "setup"];

export function dnsServiceTable(): string {
  const rows = Object.entries(SERVICES).map(([name, { service, setup }]) => [
    `\`${name}\``,
    service,
    argumentsOf(name as keyof typeof SERVICES),
    setup,
  ]);
  const lines = [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return lines.join("\n");
}

function argumentsOf(name: keyof typeof SERVICES): string {
  const entries: Readonly<Record<string, v.GenericSchema>> = dnsProviderSchemas()[name].entries;
  return Object.entries(entries)
    .map(([argument, { type }]) => `\`${argument}${type === "optional" ? "?" : ""}\``)
    .join(", ");
}
