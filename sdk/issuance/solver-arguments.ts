/**
 * How names are proven, as plain data: the entries of `solvers`.
 *
 * Part of what lies in the state under `__arguments`: a changed name needs a migration.
 */
import type { Propagation } from "../challenges/dns-01/propagation";
import type { DnsProviderArguments } from "../challenges/dns-01/providers";
import type { HookArguments, WebhookArguments } from "../challenges/hooks/arguments";
import type * as http from "../challenges/http-01";
import type * as tlsAlpn from "../challenges/tls-alpn-01";
import type { Target } from "../hosts/host";
import type { PreparedChallenge } from "../challenges/prepared";

/** One way of proving, and the names that it is for. */
export interface SolverArguments {
  readonly dnsNames?: readonly string[];
  readonly dnsZones?: readonly string[];
  readonly http01?: Http01Arguments;
  readonly tlsAlpn01?: TlsAlpn01Arguments;
  /** Several where one name is served by several providers (split DNS): all must succeed. */
  readonly dns01?: Dns01Arguments | readonly Dns01Arguments[];
  readonly dnsAccount01?: Dns01Arguments | readonly Dns01Arguments[];
  /** The permanent record of the account proves the name. */
  readonly dnsPersist01?: Readonly<Record<string, never>>;
  /** Answered already by the records of an order; never the user's own entry. */
  readonly prepared?: PreparedChallenge;
}

export interface Http01Arguments {
  readonly stateless?: boolean;
  readonly webroot?: { readonly path: string; readonly connection?: Target | readonly Target[] };
  readonly listener?: http.ListenerOptions;
  readonly tunnel?: http.TunnelOptions;
  readonly exec?: HookArguments;
  readonly webhook?: WebhookArguments;
}

export interface TlsAlpn01Arguments {
  readonly listener?: tlsAlpn.ListenerOptions;
  readonly tunnel?: tlsAlpn.TunnelOptions;
}

/** One provider, and settings. */
export type Dns01Arguments = DnsProviderArguments & {
  readonly followCname?: boolean;
  readonly propagation?: Propagation;
  readonly ttl?: number;
};
