/** HTTPS with extra roots, and proxies from the environment: the only file that loads undici. */
import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from "undici";
import { ConfigurationError } from "../util/errors";

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
 * @throws {@link ConfigurationError} if the bundle holds no certificate, or one that cannot be read
 */
export function createFetch(options: {
  readonly caBundlePem?: string;
  readonly env?: NodeJS.ProcessEnv;
}): Fetch & { close(): Promise<void> } {
  const dispatcher = createDispatcher(options.caBundlePem, options.env ?? {});

  const fetch: Fetch = async (url, init) => {
    const response = await request(url, {
      dispatcher,
      method: init.method,
      headers: init.headers,
      body: init.body,
      signal: init.signal,
    });
    return {
      status: response.statusCode,
      headers: { get: (name) => headerOf(response.headers[name.toLowerCase()]) },
      body: response.body,
    };
  };
  return Object.assign(fetch, { close: () => dispatcher.close() });
}

function headerOf(value: string | string[] | undefined): string | null {
  return Array.isArray(value) ? value.join(", ") : (value ?? null);
}

function createDispatcher(caBundlePem: string | undefined, env: NodeJS.ProcessEnv): Dispatcher {
  // One context for all connections: building one parses some 150 roots.
  const secureContext = caBundlePem === undefined ? undefined : createSecureContext(caBundlePem);
  const connect = { timeout: CONNECT_TIMEOUT_MS, secureContext };
  const httpsProxy = env["https_proxy"] ?? env["HTTPS_PROXY"] ?? "";
  const httpProxy = env["http_proxy"] ?? env["HTTP_PROXY"] ?? "";
  if (httpsProxy === "" && httpProxy === "") return new Agent({ connect });
  return new EnvHttpProxyAgent({
    connect,
    requestTls: connect,
    // All three, because undici reads what is not given from the process's environment.
    httpsProxy,
    httpProxy,
    noProxy: env["no_proxy"] ?? env["NO_PROXY"] ?? "",
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
