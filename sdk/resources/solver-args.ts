/** How names are proven to the CA. */
import type * as pulumi from "@pulumi/pulumi";

import type { ConnectionArgs } from "./connection-args";
import type { Dns01 } from "./dns-solver-args";
import type { OneOf } from "./one-of";

/** Which names an entry of `solvers` is for. Without either list it is for every name and address. */
export interface SolverSelector {
  /** Exactly these names. */
  dnsNames?: pulumi.Input<pulumi.Input<string>[]>;
  /** These names and everything below them. */
  dnsZones?: pulumi.Input<pulumi.Input<string>[]>;
}

/** The ways of proving; an entry of `solvers` has one of them. */
export interface SolverKinds {
  /** The web server of the name answers on port 80. Not for wildcards. RFC 8555 §8.3. */
  http01: pulumi.Input<Http01>;
  /** A TLS handshake on port 443 shows it. Not for wildcards; for IP addresses, too. RFC 8737. */
  tlsAlpn01: pulumi.Input<TlsAlpn01>;
  /** A TXT record shows it; also for wildcards. Several for names that several providers serve: all must succeed. RFC 8555 §8.4. */
  dns01: pulumi.Input<Dns01 | pulumi.Input<Dns01>[]>;
  /** Like `dns01`, under a label of the account's own, so that several accounts can prove one name. Draft; where the CA offers it. */
  dnsAccount01: pulumi.Input<Dns01 | pulumi.Input<Dns01>[]>;
  /** The account's permanent record shows it, see `AcmeAccount.persistentDnsRecord`: nothing is changed for an order. Draft; where the CA offers it. */
  dnsPersist01: pulumi.Input<Record<string, never>>;
}

/**
 * One way of proving names, and which names it is for. For each name the most specific entry is taken: an exact name
 * before the longest zone before an entry without a selector. Equally specific ones are tried in order.
 */
export type SolverArgs = SolverSelector & OneOf<SolverKinds>;

/** Who answers an http-01 challenge. */
export interface Http01Kinds {
  /**
   * The web server itself, from the account's thumbprint alone: token, `.`, thumbprint. Nothing is installed for an
   * order, on any number of hosts. See the argument `challenge` of `NginxSite`.
   */
  stateless: pulumi.Input<boolean>;
  /** Files below a directory that a web server serves already. */
  webroot: pulumi.Input<WebrootArgs>;
  /** A small web server in this process, while the challenge lasts. */
  listener: pulumi.Input<ListenerArgs>;
  /** The host's port, answered by this process through SSH: for hosts where nothing listens yet. */
  tunnel: pulumi.Input<TunnelArgs>;
  /** A program of yours: `command… present|cleanup <identifier> <token> <key authorization>`. */
  exec: pulumi.Input<HookArgs>;
  /** `POST <url>/present|cleanup` with `{ identifier, token, keyAuthorization }`. */
  webhook: pulumi.Input<WebhookArgs>;
}

/** Exactly one of: `stateless`, `webroot`, `listener`, `tunnel`, `exec`, `webhook`. */
export type Http01 = OneOf<Http01Kinds>;

/** Answers in files below a directory that a web server serves. */
export interface WebrootArgs {
  /** The directory; the files go below `.well-known/acme-challenge/` in it. Absolute. */
  path: pulumi.Input<string>;
  /** Where it is: one host, or several that all serve the name. Default: this machine. */
  connection?: pulumi.Input<ConnectionArgs | pulumi.Input<ConnectionArgs>[]>;
}

/** Answers in this process. */
export interface ListenerArgs {
  /** TCP port. The CA asks on 80 (http-01) or 443 (tls-alpn-01), which is the default: another one needs something that forwards. */
  port?: pulumi.Input<number>;
  /** Address to bind. Default: all. */
  address?: pulumi.Input<string>;
}

/** Answers in this process what arrives at a host's port. */
export interface TunnelArgs {
  /** The host. Its sshd needs `GatewayPorts clientspecified` (or `yes`), and a login that may bind the port. */
  connection: pulumi.Input<ConnectionArgs>;
  /** The host's port. Default: 80 (http-01), 443 (tls-alpn-01). */
  port?: pulumi.Input<number>;
  /** What the host binds. Default: all addresses. */
  address?: pulumi.Input<string>;
}

/** A program that is called to present and to clean up. */
export interface HookArgs {
  /** The program and its first arguments. No shell. */
  command: pulumi.Input<pulumi.Input<string>[]>;
  /** More environment, the place for credentials. Secret. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** For one call. Default: `"2m"`. */
  timeout?: pulumi.Input<string>;
}

/** A service that is called to present and to clean up. */
export interface WebhookArgs {
  url: pulumi.Input<string>;
  /** For basic authentication. */
  username?: pulumi.Input<string>;
  /** Secret. */
  password?: pulumi.Input<string>;
}

/** Who answers a tls-alpn-01 challenge. */
export interface TlsAlpn01Kinds {
  /** This process. */
  listener: pulumi.Input<ListenerArgs>;
  /** This process, through SSH to the host that the name leads to. */
  tunnel: pulumi.Input<TunnelArgs>;
}

/** Exactly one of: `listener`, `tunnel`. */
export type TlsAlpn01 = OneOf<TlsAlpn01Kinds>;

/** What is checked before the CA is asked to validate. */
export interface PreflightArgs {
  /** Resolvers to ask instead of this machine's, as `ip:port`. */
  resolvers?: pulumi.Input<pulumi.Input<string>[]>;
  /** The port on which the CA asks for http-01. Default: 80; others are for private CAs and test servers. */
  httpPort?: pulumi.Input<number>;
  /** The port on which the CA asks for tls-alpn-01. Default: 443. */
  tlsPort?: pulumi.Input<number>;
}
