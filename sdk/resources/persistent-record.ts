/** The permanent record of dns-persist-01 for one account. Pure. */
import { persistentDnsRecord } from "../challenges/dns-persist-01/record";
import type { PersistentDnsRecord } from "../challenges/dns-persist-01/record";
import { issuerProblem } from "../util/issuer";

/** @throws Error when the CA names none, or what is none, or when the account is not the CA's own */
export function persistentRecordFor(
  dnsName: string,
  facts: {
    readonly directoryUrl: string;
    readonly accountUrl: string;
    readonly caaIdentities: readonly string[];
  },
  settings: { readonly wildcard?: boolean; readonly persistUntil?: string },
): PersistentDnsRecord {
  const { directoryUrl, accountUrl } = facts;
  const [issuerDomainName] = facts.caaIdentities;
  if (issuerDomainName === undefined) {
    throw new Error(
      `persistentDnsRecord for ${dnsName}: the CA at ${directoryUrl} does not say by which name records call it`,
    );
  }
  const problem = issuerProblem({ directoryUrl, accountUrl, identities: [issuerDomainName] });
  if (problem !== undefined) throw new Error(`persistentDnsRecord for ${dnsName}: ${problem}`);
  return persistentDnsRecord(dnsName, { issuerDomainName, accountUri: accountUrl, ...settings });
}
