/** What puts TXT records into DNS: the interface of all providers. */
import type { SolverContext } from "../solver";

/** Of records, unless the user says otherwise. */
export const TTL_SECONDS = 60;

/** One TXT record that proves one name. */
export interface DnsRecord {
  /** Where it has to be, at the end of CNAMEs; lower case, without a trailing dot. */
  readonly name: string;
  readonly value: string;
  /** Seconds. */
  readonly ttl: number;
  /** What it proves, for providers that want to know: the domain without `*.`. */
  readonly domain: string;
  readonly token: string;
  readonly keyAuthorization: string;
}

export interface DnsProviderContext extends SolverContext {
  /** Whether {@link DnsRecord.name} is where CNAMEs lead, or the name that the CA asks for. */
  readonly followedCname: boolean;
}

export interface AddContext extends DnsProviderContext {
  /** Called before `records` are written: from then on they are removed again, whatever came of it. */
  mayAdd(records: readonly DnsRecord[]): void;
  /** Called after {@link mayAdd}, where the service has refused them. */
  notAdded(records: readonly DnsRecord[]): void;
}

/**
 * Adds and removes single values: whatever else is under a record's name stays. Both calls try all records, and throw
 * the errors of all that failed; adding what is there already and removing what is not there are no errors.
 */
export interface DnsProvider {
  /** For messages: "cloudflare", "rfc2136 at 192.0.2.1". Holds no secret. */
  readonly label: string;
  /** The same for all who write the same records at the same place with the same arguments. Default: the label. */
  readonly identity?: string;
  add(records: readonly DnsRecord[], context: AddContext): Promise<void>;
  remove(records: readonly DnsRecord[], context: DnsProviderContext): Promise<void>;
}
