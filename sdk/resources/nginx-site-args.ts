/** Arguments of the resource `NginxSite`. */
import type * as pulumi from "@pulumi/pulumi";

import type { TargetArgs } from "./connection-args";
import type { OneOf } from "./one-of";

/** How a site answers http-01 challenges: exactly one of these. */
export interface NginxChallengeKinds {
  /** From the `thumbprint` of an `AcmeAccount`: nginx answers by itself, and orders install nothing. */
  thumbprint: pulumi.Input<string>;
  /** From files below this directory. */
  webroot: pulumi.Input<string>;
  /** By another server, `http://127.0.0.1:8402`. */
  proxyPass: pulumi.Input<string>;
}

/** Exactly one of: `thumbprint`, `webroot`, `proxyPass`. */
export type NginxChallengeArgs = OneOf<NginxChallengeKinds>;

/** The header `Strict-Transport-Security`, RFC 6797. */
export interface NginxHstsArgs {
  /** How long browsers use HTTPS only: `"365d"`. */
  maxAge: pulumi.Input<string>;
  /** Default: false. */
  includeSubDomains?: pulumi.Input<boolean>;
  /** Allow browsers to add the site to their preload lists. Default: false. */
  preload?: pulumi.Input<boolean>;
}

/** The TLS part of a site. */
export interface NginxTlsArgs {
  /** Path of the certificate with its chain on the host. Two paths for an ECDSA and an RSA certificate. */
  certificate: pulumi.Input<string | pulumi.Input<string>[]>;
  /** Path of the private key on the host, one per certificate. */
  certificateKey: pulumi.Input<string | pulumi.Input<string>[]>;
  /** `ssl_protocols`. Default: `["TLSv1.2", "TLSv1.3"]`. */
  protocols?: pulumi.Input<pulumi.Input<string>[]>;
  /** OpenSSL's cipher list for TLS 1.2 and below. Default: ECDHE with AES-GCM or ChaCha20-Poly1305. */
  ciphers?: pulumi.Input<string>;
  /** Send `Strict-Transport-Security`; `true` is one year for this host alone. Default: false. */
  hsts?: pulumi.Input<boolean | NginxHstsArgs>;
  /** `ssl_session_cache`. Default: a zone of 1 MB for this site; `"off"` for none. */
  sessionCache?: pulumi.Input<string>;
  /** Ask clients for a certificate. Default: none. */
  clientCertificate?: pulumi.Input<NginxClientCertificateArgs>;
  /** Staple OCSP answers, for certificates that name a responder; nginx then needs a `resolver`. Default: false. */
  ocspStapling?: pulumi.Input<boolean>;
  /** Path of the certificates on the host that OCSP answers are verified with. */
  trustedCertificate?: pulumi.Input<string>;
}

/** Certificates of clients. */
export interface NginxClientCertificateArgs {
  /** Path of the CA certificates on the host that they are verified with. */
  ca: pulumi.Input<string>;
  /** `"on"`: nobody is served without one. `"optional"`: whoever shows one must show a valid one. Default: `"on"`. */
  verify?: pulumi.Input<"on" | "optional">;
  /** How many intermediate certificates there may be. Default: 1. */
  depth?: pulumi.Input<number>;
}

/** A group of servers that `proxyPass` names. */
export interface NginxUpstreamArgs {
  /** Letters, digits, `_`, `-` and `.`; it counts for the whole nginx. */
  name: pulumi.Input<string>;
  /** `"10.0.0.1:3000"`, `"unix:/run/app.sock"`, or an object. */
  servers: pulumi.Input<pulumi.Input<string | NginxUpstreamServerArgs>[]>;
  /** Default: each in turn, by weight. */
  loadBalancing?: pulumi.Input<"least_conn" | "ip_hash" | "random">;
  /** How many idle connections each worker keeps. Default: none. */
  keepalive?: pulumi.Input<number>;
}

/** A server of a group. */
export interface NginxUpstreamServerArgs {
  /** `"10.0.0.1:3000"`, `"[2001:db8::1]:3000"`, `"unix:/run/app.sock"`. */
  address: pulumi.Input<string>;
  /** Default: 1. */
  weight?: pulumi.Input<number>;
  /** After so many failures within `failTimeout` it is left alone for as long. Default: 1. */
  maxFails?: pulumi.Input<number>;
  /** Default: `"10s"`. */
  failTimeout?: pulumi.Input<string>;
  /** Only where all others are down. Default: false. */
  backup?: pulumi.Input<boolean>;
  /** Gets no requests. Default: false. */
  down?: pulumi.Input<boolean>;
}

/** A TCP service, in nginx's `stream` block. */
export interface NginxStreamArgs {
  /** The port to listen on. */
  port: pulumi.Input<number>;
  /** Where to: `"127.0.0.1:143"`, `"unix:/run/app.sock"`, or the name of an upstream. */
  proxyPass: pulumi.Input<string>;
  /** Tell the server behind who the client is, by the PROXY protocol. Default: false. */
  proxyProtocol?: pulumi.Input<boolean>;
}

/** Where a site listens. */
export interface NginxListenArgs {
  /** Port for plain HTTP, or `false` for none. Default: 80. */
  http?: pulumi.Input<number | false>;
  /** Port for HTTPS, also used in redirects. Default: 443. */
  https?: pulumi.Input<number>;
  /** Address to bind. Default: all addresses. */
  address?: pulumi.Input<string>;
  /** Listen on IPv6, too. Default: true; with an `address`: false. */
  ipv6?: pulumi.Input<boolean>;
  /** HTTP/2. Default: true. */
  http2?: pulumi.Input<boolean>;
  /** HTTP/3, where the host's nginx has it. Default: false. */
  http3?: pulumi.Input<boolean>;
}

/** A `location` block. */
export interface NginxLocationArgs {
  /** With its modifier, if any: `/`, `= /health`, `~ \.php$`. */
  path: pulumi.Input<string>;
  /** `root`: directory of the files. */
  root?: pulumi.Input<string>;
  /** `proxy_pass`. */
  proxyPass?: pulumi.Input<string>;
  /** Let WebSockets through to `proxyPass`. Default: false. */
  websocket?: pulumi.Input<boolean>;
  /** A code, a code with a URL or a text, or a URL: `"404"`, `"301 https://$host/new"`. */
  return?: pulumi.Input<string>;
  /** nginx directives, inserted unchanged. */
  extraConfig?: pulumi.Input<string>;
}

/** Arguments of an {@link NginxSite}. */
export interface NginxSiteArgs {
  /** The host, or `"local"` for this machine. A change of the host replaces, one of credentials does not touch it. */
  connection: pulumi.Input<TargetArgs>;
  /** `server_name`: DNS names in Unicode or punycode, wildcards, IP addresses, `_` for none. At least one. */
  serverNames: pulumi.Input<pulumi.Input<string>[]>;
  /** Answer http-01 challenges in the server block for plain HTTP, even if it redirects. Default: none. */
  challenge?: pulumi.Input<NginxChallengeArgs>;
  /** Serve HTTPS. Default: only plain HTTP. */
  tls?: pulumi.Input<NginxTlsArgs>;
  /**
   * Redirect plain HTTP to HTTPS, except for challenges. Without `tls`: for a site that only answers challenges.
   * Default: true with `tls`.
   */
  redirectToHttps?: pulumi.Input<boolean>;
  /** Refuse TLS handshakes for these names, without a certificate. Not together with `tls`. Default: false. */
  rejectHandshake?: pulumi.Input<boolean>;
  /** Answer requests for names that no other site has. Default: false. */
  defaultServer?: pulumi.Input<boolean>;
  /** Ports, address and protocols. */
  listen?: pulumi.Input<NginxListenArgs>;
  /** Directory of the files to serve, absolute. Not together with `proxyPass`. */
  root?: pulumi.Input<string>;
  /** URL to which requests are passed: `http://127.0.0.1:3000`. */
  proxyPass?: pulumi.Input<string>;
  /** Let WebSockets through to `proxyPass`. Default: false. */
  websocket?: pulumi.Input<boolean>;
  /** More `location` blocks. */
  locations?: pulumi.Input<pulumi.Input<NginxLocationArgs>[]>;
  /** Groups of servers, which `proxyPass` names: `http://<name>`. */
  upstreams?: pulumi.Input<pulumi.Input<NginxUpstreamArgs>[]>;
  /** Pass on a TCP port instead of HTTP, within the TLS of `tls` if that is given. The file is for nginx's `stream` block. */
  stream?: pulumi.Input<NginxStreamArgs>;
  /** nginx directives for the server block with the content, inserted unchanged. They override defaults. */
  extraConfig?: pulumi.Input<string>;
  /**
   * Absolute path. A change replaces. Default: `/etc/nginx/conf.d/<first server name>.conf`, with `listen.http: false`
   * `<first server name>.tls.conf`, with `stream` in `/etc/nginx/stream.d`; a `*` becomes `_wildcard`.
   */
  configFile?: pulumi.Input<string>;
  /** Shell command that tests the configuration. If it fails, the old file is restored. Default: `nginx -t`. */
  test?: pulumi.Input<string>;
  /** Shell command that reloads nginx. Default: `systemctl reload nginx`, or `nginx -s reload`; starts it if systemd should run it. */
  reload?: pulumi.Input<string>;
  /** Any values; a change writes, tests and reloads again. Default: none. */
  triggers?: pulumi.Input<unknown[]>;
  /**
   * The host is gone for good if it cannot be reached when something has to be removed from it: a warning says what may lie there, and the
   * resource is forgotten. Default: false, which is an error; `PULUMI_ACME_FORGET_UNREACHABLE=true` in the environment means the same for
   * all. Where the host was what changed, an old one that is gone is a warning in any case.
   */
  forgetUnreachable?: pulumi.Input<boolean>;
}
