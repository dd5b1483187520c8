/** HTTPS with extra roots, and proxies from the environment: the only file that loads undici. */
import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import { ConfigurationError, messageOf, ProxyError } from "../util/errors";
import { type Proxies, proxiesOf, type Proxy } from "./proxy";

const CONNECT_TIMEOUT_MS = 15_000;

/** The part of a response that is read; the `Response` of the platform's `fetch` is one. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Sends one request as it is: follows no redirect, repeats nothing. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  },
) => Promise<FetchResponse>;

/**
 * A {@link Fetch} with its own connections, kept alive between requests.
 *
 * @param options.caBundlePem - roots that are trusted besides the system's, for this client only
 * @param options.env - where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (or lower-case) are read; none by default
 * @throws {@link ConfigurationError} if the bundle holds no certificate, or one that cannot be read; or if a variable
 * names no proxy
 */
export function createFetch(options: {
  readonly caBundlePem?: string;
  readonly env?: NodeJS.ProcessEnv;
}): Fetch & { close(): Promise<void> } {
  const proxies = proxiesOf(options.env ?? {});
  const { direct, through } = createDispatchers(proxies, options.caBundlePem);

  const fetch: Fetch = async (url, init) => {
    const proxy = proxies.of(url);
    const { method, headers, body, signal } = init;
    const dispatcher = (proxy && through.get(proxy)) ?? direct;
    const response = await request(url, { dispatcher, method, headers, body, signal }).catch(
      (error: unknown) => {
        signal?.throwIfAborted();
        throw proxy === undefined ? error : explained(error, proxy);
      },
    );
    return {
      status: response.statusCode,
      headers: { get: (name) => headerOf(response.headers[name.toLowerCase()]) },
      body: response.body,
    };
  };
  const close = async (): Promise<void> => {
    await Promise.all([direct, ...through.values()].map((dispatcher) => dispatcher.close()));
  };
  return Object.assign(fetch, { close });
}

function headerOf(value: string | string[] | undefined): string | null {
  return Array.isArray(value) ? value.join(", ") : (value ?? null);
}

function createDispatchers(
  { all }: Proxies,
  caBundlePem: string | undefined,
): { readonly direct: Dispatcher; readonly through: ReadonlyMap<Proxy, Dispatcher> } {
  // One context for all connections: building one parses some 150 roots.
  const secureContext = caBundlePem === undefined ? undefined : createSecureContext(caBundlePem);
  const connect = { timeout: CONNECT_TIMEOUT_MS, secureContext };
  return {
    direct: new Agent({ connect }),
    through: new Map(all.map((proxy) => [proxy, throughProxy(proxy, connect)])),
  };
}

function throughProxy(
  { url: uri, variable, host }: Proxy,
  connect: { readonly timeout: number; readonly secureContext: tls.SecureContext | undefined },
): Dispatcher {
  try {
    return new ProxyAgent({ uri, connect, requestTls: connect });
  } catch (error) {
    throw new ConfigurationError(
      `the environment variable ${variable} is no proxy that can be used: ${host}; its user name and password must be percent-encoded`,
      { cause: error },
    );
  }
}

/** A TLS failure is the other side's, as without a proxy. Anything else may be the proxy's. */
function explained(error: unknown, { host, variable }: Proxy): unknown {
  const { code = "" } = error as { readonly code?: string };
  if (/^(CERT_|DEPTH_|EPROTO|ERR_SSL_|ERR_TLS_|SELF_|UNABLE_)/.test(code)) return error;
  return new ProxyError(`through the proxy ${host} (${variable}): ${messageOf(error)}`, {
    cause: error,
  });
}

function createSecureContext(caBundlePem: string): tls.SecureContext {
  const certificates = caBundlePem.match(
    /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g,
  );
  if (certificates === null) {
    throw new ConfigurationError("acme: caBundlePem holds no PEM certificate");
  }
  certificates.forEach((pem, index) => {
    try {
      new X509Certificate(pem);
    } catch {
      throw new ConfigurationError(
        `acme: caBundlePem: certificate number ${String(index + 1)} cannot be read`,
      );
    }
  });
  // `ca` replaces the system's roots, so they are named again.
  return tls.createSecureContext({ ca: [...systemRoots(), ...certificates] });
}

/** With NODE_EXTRA_CA_CERTS and --use-system-ca where Node can tell (22.15 and later). */
function systemRoots(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => string[] };
  return getCACertificates?.("default") ?? tls.rootCertificates;
}
