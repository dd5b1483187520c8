/** What a site is: the plain values that nginx's text is rendered from. */

/** One nginx site: up to two `server` blocks, one for plain HTTP and one for TLS. */
export interface NginxSiteConfig {
  /**
   * The names and IP addresses that the site answers to, at least one. Unicode or punycode, any case; `*.example.com` for every name
   * below `example.com`, `_` for none. They are normalised (A-labels in lower case, IPv6 in brackets), repeated ones are left out.
   */
  serverNames: readonly string[];
  /**
   * Answers http-01 challenges under `/.well-known/acme-challenge/`, in every block of the site, also where it redirects or asks for a
   * password.
   */
  challenge?: NginxChallenge;
  /** Makes a TLS block. Without it the site is plain HTTP. */
  tls?: NginxTls;
  /**
   * Sends what arrives at the plain port, except challenges, to `https://` with 301. Default: true with `tls`, false without. Without
   * `tls` it is for a challenge site that comes before its certificate.
   */
  redirectToHttps?: boolean;
  /**
   * Refuses every TLS handshake for these names, without a certificate: as a default server, so that nobody gets the certificate of another
   * site. Not together with `tls`.
   */
  rejectHandshake?: boolean;
  /** Answers requests for names that no other site has, on its ports. One site can say so for each address and port. Default false. */
  defaultServer?: boolean;
  listen?: NginxListen;
  /** Serves files from this folder, an absolute path. Not together with `proxyPass`. */
  root?: string;
  /**
   * Passes requests on: `http://127.0.0.1:3000`, `http://unix:/run/app.sock`, or the name of an `upstream`. With `Host`, `X-Real-IP`,
   * `X-Forwarded-For` and `X-Forwarded-Proto`. nginx variables may be used.
   */
  proxyPass?: string;
  /** Lets WebSockets through to `proxyPass`. Default false. */
  websocket?: boolean;
  locations?: readonly NginxLocation[];
  /** Groups of servers, which `proxyPass` names: `http://<name of the group>`. A name counts for the whole nginx. */
  upstreams?: readonly NginxUpstream[];
  /** Passes on whatever arrives at a port, within the TLS of `tls` if that is given: a site for nginx's `stream` block, without HTTP. */
  stream?: NginxStream;
  /**
   * nginx directives, taken as they are, at the end of the block that serves the content. Complete statements with balanced braces. A
   * directive given here takes the place of a default of the same name (`ssl_session_timeout` and the like).
   */
  extraConfig?: string;
}

/** How http-01 challenges are answered; exactly one of the three. */
export type NginxChallenge =
  NginxStatelessChallenge | NginxWebrootChallenge | NginxProxiedChallenge;

/**
 * By nginx itself, from the account's thumbprint: every token is answered with `<token>.<thumbprint>`. Nothing has to be installed when
 * a certificate is renewed, and any number of hosts can answer.
 *
 * @see RFC 8555 §8.1, key authorizations
 */
export interface NginxStatelessChallenge {
  /** The account key's thumbprint, base64url (`AcmeAccount.thumbprint`). RFC 7638. */
  thumbprint: string;
  webroot?: undefined;
  proxyPass?: undefined;
}

/** From files below `<webroot>/.well-known/acme-challenge/`. */
export interface NginxWebrootChallenge {
  thumbprint?: undefined;
  /** An absolute path. */
  webroot: string;
  proxyPass?: undefined;
}

/** By another server, such as an ACME client's own listener. */
export interface NginxProxiedChallenge {
  thumbprint?: undefined;
  webroot?: undefined;
  /** `http://127.0.0.1:8402`. Without a path, the request's path is kept. */
  proxyPass: string;
}

export interface NginxTls {
  /** Path of the certificate chain, or several (ECDSA and RSA): nginx serves what the client can use. Absolute. */
  certificate: string | readonly string[];
  /** Path of the private key, or as many as there are certificates, in their order. Absolute. */
  certificateKey: string | readonly string[];
  /** Default `["TLSv1.2", "TLSv1.3"]`. */
  protocols?: readonly string[];
  /** OpenSSL's cipher list for TLS 1.2 and below. Default: ECDHE with AES-GCM or ChaCha20-Poly1305. */
  ciphers?: string;
  /** Sends `Strict-Transport-Security` with every answer of the TLS block. `true` is one year for this host alone. Default false. */
  hsts?: boolean | NginxHsts;
  /** The value of `ssl_session_cache`. Default: a zone of 1 MB for this site; `"off"` for none. */
  sessionCache?: string;
  /** Asks clients for a certificate. */
  clientCertificate?: NginxClientCertificate;
  /**
   * Staples the responder's answer to the handshake (RFC 6066 §8). For certificates that name a responder; nginx then needs a `resolver`.
   * Default false.
   */
  ocspStapling?: boolean;
  /** Path of the certificates that OCSP answers, and clients' certificates, are verified with, but which clients are not told of. Absolute. */
  trustedCertificate?: string;
}

/** Certificates of clients: `$ssl_client_verify` and `$ssl_client_s_dn` tell of them. */
export interface NginxClientCertificate {
  /** Path of the CA certificates that they are verified with, in PEM. Absolute. */
  ca: string;
  /** `"on"`: nobody is served without one. `"optional"`: whoever shows one must show a valid one. Default `"on"`. */
  verify?: "on" | "optional";
  /** How many intermediate certificates there may be. Default: nginx's, 1. */
  depth?: number;
}

/** A group of servers. */
export interface NginxUpstream {
  /** Letters, digits, `_`, `-` and `.`. */
  name: string;
  /** `"10.0.0.1:3000"`, `"unix:/run/app.sock"`, or an object; at least one. */
  servers: readonly (string | NginxUpstreamServer)[];
  /** nginx's name for how one is chosen. Default: each in turn, by weight. */
  loadBalancing?: "least_conn" | "ip_hash" | "random";
  /** How many idle connections each worker keeps. Default: none. */
  keepalive?: number;
}

export interface NginxUpstreamServer {
  /** `"10.0.0.1:3000"`, `"[2001:db8::1]:3000"`, `"unix:/run/app.sock"`. */
  address: string;
  /** Default 1. */
  weight?: number;
  /** After so many failures within `failTimeout` it is left alone for as long. Default: nginx's, 1 within 10 s. */
  maxFails?: number;
  /** `"30s"` */
  failTimeout?: string;
  /** Only where all others are down. */
  backup?: boolean;
  /** Gets no requests. */
  down?: boolean;
}

/** A TCP service. */
export interface NginxStream {
  /** The port to listen on. */
  port: number;
  /** Where to: `"127.0.0.1:143"`, `"unix:/run/app.sock"`, or the name of an upstream. */
  proxyPass: string;
  /** Tells the server behind who the client is. Default false. */
  proxyProtocol?: boolean;
}

/** HTTP Strict Transport Security. @see RFC 6797 §6.1 */
export interface NginxHsts {
  /** How long browsers remember it: `"365d"`; `"0s"` makes them forget. */
  maxAge: string;
  includeSubDomains?: boolean;
  /** Asks for a place in the browsers' built-in lists, which want a year and `includeSubDomains`. */
  preload?: boolean;
}

export interface NginxListen {
  /** The plain port, default 80; `false` for no plain block. */
  http?: number | false;
  /** The TLS port, default 443; redirects go to it. */
  https?: number;
  /** The IP address to listen on. Default: all of them. */
  address?: string;
  /**
   * Listens on IPv6 as well. Default: true, false with an `address`. With an IPv4 `address`, true adds all IPv6 addresses (`[::1]` where
   * the address is a loopback one).
   */
  ipv6?: boolean;
  /** HTTP/2 on the TLS port. Default true. */
  http2?: boolean;
  /**
   * HTTP/3 on the TLS port, by UDP, where the version of nginx is known to have it (1.25.0). With `defaultServer` its socket is one for each
   * worker, which several workers need. Default false.
   */
  http3?: boolean;
}

export interface NginxLocation {
  /** As after nginx's `location`: `/api/`, `= /health`, `^~ /static/`, `~ \.php$`, `~* \.png$` or `@name`. */
  path: string;
  /** Serves files from this folder, an absolute path. */
  root?: string;
  /** As the site's `proxyPass`. */
  proxyPass?: string;
  /** Lets WebSockets through to `proxyPass`. Default false. */
  websocket?: boolean;
  /** A code, a code with a URL or a text, or a URL: `"404"`, `"301 https://$host/new"`, `"200 ok"`. nginx variables may be used. */
  return?: string;
  /** nginx directives, taken as they are. */
  extraConfig?: string;
}

/** One thing in a site's configuration that nginx could not be given. */
export interface SiteProblem {
  /** `tls.certificate[1]`, `locations[0].path`. */
  readonly path: string;
  /** What is wrong with it and what to do. */
  readonly reason: string;
}
