/** Proving names by dns-01 and dns-account-01. @see RFC 8555 §8.4 */
export { acmeDns, type AcmeDnsOptions } from "./providers/acme-dns";
export { cloudflare, type CloudflareOptions } from "./providers/cloudflare";
export { exec, type ExecOptions } from "./providers/exec";
export type { DnsProvider, DnsProviderContext, DnsRecord } from "./provider";
export { rfc2136, type Rfc2136Options } from "./providers/rfc2136";
export { route53, type Route53Options } from "./providers/route53";
export {
  type DnsAccountSolverOptions,
  dnsAccount01Solver,
  dns01Solver,
  type DnsSolverOptions,
} from "./solver";
export { webhook, type WebhookOptions } from "./providers/webhook";
