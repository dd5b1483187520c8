/** How names are proven to the CA. Layer 6, types alone. */
import type * as pulumi from "@pulumi/pulumi";

import type { ConnectionArgs } from "./connection-args";
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
  listener: pulumi.Input<HttpListenerArgs>;
}

/** Exactly one of: `stateless`, `webroot`, `listener`. */
export type Http01 = OneOf<Http01Kinds>;

/** Answers in files below a directory that a web server serves. */
export interface WebrootArgs {
  /** The directory; the files go below `.well-known/acme-challenge/` in it. Absolute. */
  path: pulumi.Input<string>;
  /** Where it is: one host, or several that all serve the name. Default: this machine. */
  connection?: pulumi.Input<ConnectionArgs | pulumi.Input<ConnectionArgs>[]>;
}

/** Answers by a web server in this process. */
export interface HttpListenerArgs {
  /** TCP port. The CA asks on port 80: another one needs something that forwards. Default: 80. */
  port?: pulumi.Input<number>;
  /** Address to bind. Default: all. */
  address?: pulumi.Input<string>;
}

/** What is looked at before the CA is asked to. */
export interface PreflightArgs {
  /** Resolvers to ask instead of this machine's, as `ip:port`. */
  resolvers?: pulumi.Input<pulumi.Input<string>[]>;
  /** The port on which the CA asks for http-01. Default: 80; others are for private CAs and test servers. */
  httpPort?: pulumi.Input<number>;
  /** The port on which the CA asks for tls-alpn-01. Default: 443. */
  tlsPort?: pulumi.Input<number>;
}
