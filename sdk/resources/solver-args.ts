/** Arguments of solvers. */
import type * as pulumi from "@pulumi/pulumi";

import type { ConnectionArgs } from "./connection-args";
import type { Dns01 } from "./dns-solver-args";
import type { HookArgs, WebhookArgs } from "./hook-args";
import type { OneOf } from "./one-of";

/** The names that an entry of `solvers` is used for. Without either list: all names and addresses. */
export interface SolverSelector {
  /** Exactly these names. */
  dnsNames?: pulumi.Input<pulumi.Input<string>[]>;
  /** These names and everything below them. */
  dnsZones?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Challenge types; an entry of `solvers` has exactly one. */
export interface SolverKinds {
  /** HTTP on port 80. Not for wildcards. RFC 8555 §8.3. */
  http01: pulumi.Input<Http01>;
  /** A TLS handshake on port 443. For IP addresses, too; not for wildcards. RFC 8737. */
  tlsAlpn01: pulumi.Input<TlsAlpn01>;
  /** TXT records; for wildcards, too. A list if several DNS providers serve the zone: all must succeed. RFC 8555 §8.4. */
  dns01: pulumi.Input<Dns01 | pulumi.Input<Dns01>[]>;
  /** Like `dns01`, at a record name that contains the account, so that several accounts can validate one name. A draft; if the CA offers it. */
  dnsAccount01: pulumi.Input<Dns01 | pulumi.Input<Dns01>[]>;
  /** The permanent TXT record of `AcmeAccount.persistentDnsRecord`: orders change no DNS records. A draft; if the CA offers it. */
  dnsPersist01: pulumi.Input<Record<string, never>>;
}

/**
 * One solver and the names that it is used for. For each name the most specific entry is used: an exact name, then the
 * longest zone, then an entry without a selector. Equally specific entries are tried in order.
 */
export type SolverArgs = SolverSelector & OneOf<SolverKinds>;

/** Solvers for http-01: exactly one of these. */
export interface Http01Kinds {
  /**
   * The web server answers by itself, with token, `.` and the account's thumbprint: orders install nothing, on any
   * number of hosts. See the argument `challenge` of `NginxSite`.
   */
  stateless: pulumi.Input<boolean>;
  /** Files in a directory that a web server already serves. */
  webroot: pulumi.Input<WebrootArgs>;
  /** A small web server in this process, during the validation. */
  listener: pulumi.Input<ListenerArgs>;
  /** A port of the host, forwarded through SSH to this process: for hosts where nothing listens yet. */
  tunnel: pulumi.Input<TunnelArgs>;
  /** A program of yours: `command… present|cleanup <identifier> <token> <key authorization>`. */
  exec: pulumi.Input<HookArgs>;
  /** `POST <url>/present|cleanup` with `{ identifier, token, keyAuthorization }`. */
  webhook: pulumi.Input<WebhookArgs>;
}

/** Exactly one of: `stateless`, `webroot`, `listener`, `tunnel`, `exec`, `webhook`. */
export type Http01 = OneOf<Http01Kinds>;

/** Writes the responses to a directory that a web server serves. */
export interface WebrootArgs {
  /** Absolute path of the directory. The files are written to `.well-known/acme-challenge/` in it. */
  path: pulumi.Input<string>;
  /** The host, or several hosts that all serve the name. Default: this machine. */
  connection?: pulumi.Input<ConnectionArgs | pulumi.Input<ConnectionArgs>[]>;
}

/** Responds in this process. */
export interface ListenerArgs {
  /** TCP port. Default: 80 (http-01), 443 (tls-alpn-01). For another port, something must forward the default one. */
  port?: pulumi.Input<number>;
  /** Address to bind. Default: all. */
  address?: pulumi.Input<string>;
}

/** Responds in this process to connections to a port of a host. */
export interface TunnelArgs {
  /** The host. Its sshd needs `GatewayPorts clientspecified` (or `yes`), and the user must be allowed to bind the port. */
  connection: pulumi.Input<ConnectionArgs>;
  /** The host's port. Default: 80 (http-01), 443 (tls-alpn-01). */
  port?: pulumi.Input<number>;
  /** Address that the host binds. Default: all addresses. */
  address?: pulumi.Input<string>;
}

/** Solvers for tls-alpn-01: exactly one of these. */
export interface TlsAlpn01Kinds {
  /** This process. */
  listener: pulumi.Input<ListenerArgs>;
  /** A port of the host, forwarded through SSH to this process. */
  tunnel: pulumi.Input<TunnelArgs>;
}

/** Exactly one of: `listener`, `tunnel`. */
export type TlsAlpn01 = OneOf<TlsAlpn01Kinds>;

/** What is checked before the CA is asked to validate. */
export interface PreflightArgs {
  /** Resolvers to ask instead of this machine's, as `ip:port` or as the URL of DNS over HTTPS (RFC 8484). */
  resolvers?: pulumi.Input<pulumi.Input<string>[]>;
  /** The port that the CA uses for http-01. Default: 80. */
  httpPort?: pulumi.Input<number>;
  /** The port that the CA uses for tls-alpn-01. Default: 443. */
  tlsPort?: pulumi.Input<number>;
}
