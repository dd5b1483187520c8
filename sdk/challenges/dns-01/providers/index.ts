/**
 * The services in which TXT records can be put, by the name of their argument.
 *
 * A new one is a folder with `arguments.ts` (loaded by `check` and `diff`, so valibot alone) and `provider.ts` (loaded
 * when records are added), one line here, and its interface in `resources/dns-solver-args.ts`.
 */
import type * as v from "valibot";

import { ConfigurationError } from "../../../util/errors";
import { sha256Of } from "../../../util/sha256";
import type { DnsProvider } from "../provider";
import { acmeDnsArguments } from "./acme-dns/arguments";
import { azureArguments } from "./azure/arguments";
import { cloudflareArguments } from "./cloudflare/arguments";
import { deSecArguments } from "./de-sec/arguments";
import { gandiArguments } from "./gandi/arguments";
import { googleCloudArguments } from "./google-cloud/arguments";
import { hetznerArguments } from "./hetzner/arguments";
import { inwxArguments } from "./inwx/arguments";
import { lexiconArguments } from "./lexicon/arguments";
import { linodeArguments } from "./linode/arguments";
import { ovhArguments } from "./ovh/arguments";
import { porkbunArguments } from "./porkbun/arguments";
import { vultrArguments } from "./vultr/arguments";
import { digitalOceanArguments } from "./digital-ocean/arguments";
import { dnsExecArguments } from "./exec/arguments";
import { powerDnsArguments } from "./power-dns/arguments";
import { rfc2136Arguments } from "./rfc2136/arguments";
import { route53Arguments } from "./route53/arguments";
import { dnsWebhookArguments } from "./webhook/arguments";

interface DnsProviderDefinition {
  readonly schema: v.GenericSchema;
  readonly load: () => Promise<{ readonly createProvider: (args: never) => DnsProvider }>;
}

export const DNS_PROVIDERS = {
  cloudflare: { schema: cloudflareArguments, load: () => import("./cloudflare/provider.js") },
  route53: { schema: route53Arguments, load: () => import("./route53/provider.js") },
  rfc2136: { schema: rfc2136Arguments, load: () => import("./rfc2136/provider.js") },
  acmeDns: { schema: acmeDnsArguments, load: () => import("./acme-dns/provider.js") },
  webhook: { schema: dnsWebhookArguments, load: () => import("./webhook/provider.js") },
  azure: { schema: azureArguments, load: () => import("./azure/provider.js") },
  googleCloud: { schema: googleCloudArguments, load: () => import("./google-cloud/provider.js") },
  inwx: { schema: inwxArguments, load: () => import("./inwx/provider.js") },
  ovh: { schema: ovhArguments, load: () => import("./ovh/provider.js") },
  lexicon: { schema: lexiconArguments, load: () => import("./lexicon/provider.js") },
  exec: { schema: dnsExecArguments, load: () => import("./exec/provider.js") },
  powerDns: { schema: powerDnsArguments, load: () => import("./power-dns/provider.js") },
  digitalOcean: {
    schema: digitalOceanArguments,
    load: () => import("./digital-ocean/provider.js"),
  },
  hetzner: { schema: hetznerArguments, load: () => import("./hetzner/provider.js") },
  deSec: { schema: deSecArguments, load: () => import("./de-sec/provider.js") },
  gandi: { schema: gandiArguments, load: () => import("./gandi/provider.js") },
  linode: { schema: linodeArguments, load: () => import("./linode/provider.js") },
  vultr: { schema: vultrArguments, load: () => import("./vultr/provider.js") },
  porkbun: { schema: porkbunArguments, load: () => import("./porkbun/provider.js") },
} satisfies Record<string, DnsProviderDefinition>;

/** The arguments of each provider; an entry of `solvers` has those of one. */
export type DnsProviderArguments = {
  readonly [Name in keyof typeof DNS_PROVIDERS]?: v.InferOutput<
    (typeof DNS_PROVIDERS)[Name]["schema"]
  >;
};

/** The schema of each provider, by its name. */
export function dnsProviderSchemas(): {
  readonly [Name in keyof typeof DNS_PROVIDERS]: (typeof DNS_PROVIDERS)[Name]["schema"];
} {
  const schemas = Object.entries(DNS_PROVIDERS).map(([name, { schema }]) => [name, schema]);
  return Object.fromEntries(schemas) as ReturnType<typeof dnsProviderSchemas>;
}

/** @throws {@link ConfigurationError} where `args` are those of no provider */
export async function createDnsProvider(args: DnsProviderArguments): Promise<DnsProvider> {
  for (const [name, { load }] of Object.entries<DnsProviderDefinition>(DNS_PROVIDERS)) {
    const own = args[name as keyof DnsProviderArguments];
    if (own === undefined) continue;
    const { createProvider } = await load();
    // Two entries for one service may be of two accounts or zones: each has its own record.
    const identity = sha256Of(JSON.stringify([name, own]));
    return { ...createProvider(own as never), identity };
  }
  throw new ConfigurationError("solvers: an entry for DNS names no provider");
}
