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
  listen?: NginxListen;
  /** Serves files from this folder, an absolute path. Not together with `proxyPass`. */
  root?: string;
  /**
   * Passes requests on: `http://127.0.0.1:3000`, `http://unix:/run/app.sock`, or the name of an `upstream`. With `Host`, `X-Real-IP`,
   * `X-Forwarded-For` and `X-Forwarded-Proto`. nginx variables may be used.
   */
  proxyPass?: string;
  locations?: readonly NginxLocation[];
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
}

export interface NginxLocation {
  /** As after nginx's `location`: `/api/`, `= /health`, `^~ /static/`, `~ \.php$`, `~* \.png$` or `@name`. */
  path: string;
  /** Serves files from this folder, an absolute path. */
  root?: string;
  /** As the site's `proxyPass`. */
  proxyPass?: string;
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
