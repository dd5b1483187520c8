/** One GET over HTTPS with a root of its own, without this project's HTTP client. */
import type { X509Certificate } from "node:crypto";
import { get } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { TLSSocket } from "node:tls";

export interface Page {
  readonly status: number | undefined;
  readonly body: string;
  /** What the server showed. */
  readonly certificate: X509Certificate | undefined;
  /** `TLSv1.3` */
  readonly protocol: string | null;
}

/**
 * Fetches `url`, trusting the roots in `ca` alone.
 *
 * @param address - where to connect, instead of asking a resolver for the URL's host
 */
export function getPage(url: string, ca: string | string[], address?: string): Promise<Page> {
  const { hostname } = new URL(url);
  const options = {
    ca,
    agent: false,
    timeout: 5000,
    // Pebble refuses a request without a User-Agent.
    headers: { "user-agent": "pulumi-acme-test" },
    servername: isIP(hostname) === 0 ? hostname : undefined,
    lookup: address === undefined ? undefined : always(address),
  };
  return new Promise((resolve, reject) => {
    const request = get(url, options, (response) => {
      const { socket } = response;
      if (!(socket instanceof TLSSocket)) {
        reject(new Error(`GET ${url}: not over TLS`));
        return;
      }
      const certificate = socket.getPeerX509Certificate();
      const protocol = socket.getProtocol();
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => {
        resolve({ status: response.statusCode, body, certificate, protocol });
      });
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`GET ${url}: no answer`)));
    request.on("error", reject);
  });
}

/** The body of `url`, trusting `rootPem` alone. */
export async function getText(url: string, rootPem: string, wanted = 200): Promise<string> {
  const { status, body } = await getPage(url, rootPem);
  if (status !== wanted) throw new Error(`GET ${url}: ${String(status)} ${body}`);
  return body;
}

function always(address: string): LookupFunction {
  return (_name, options, callback) => {
    if (options.all === true) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
}
