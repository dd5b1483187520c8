/** Proving names by dns-01 and dns-account-01. @see RFC 8555 §8.4 */
export type { AddContext, DnsProvider, DnsProviderContext, DnsRecord } from "./provider";
export { createDnsProvider, type DnsProviderArguments } from "./providers";
export {
  type DnsAccountSolverOptions,
  dnsAccount01Solver,
  dns01Solver,
  type DnsSolverOptions,
} from "./solver";
