/** Fetching a challenge over HTTP as a CA does: addresses, redirects, limits. */
import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions as HttpsOptions } from "node:https";

import { withDeadline } from "../../util/abort";
import type { Address } from "../preflight/addresses";
import { PROBE_MS, probeAddresses, ProbeFailure, type ProbeOptions } from "../preflight/probe";

export interface Fetched {
  /** Of the last request, after redirects. */
  readonly url: string;
  readonly address: string;
  readonly status: number;
  /** At most 64 KiB of it. */
  readonly body: string;
  /** What a CA may see otherwise. */
  readonly remarks: readonly string[];
}

const REDIRECTS = 10;
const BODY_LIMIT = 64 * 1024;

/**
 * @throws {@link ProbeFailure}
 * @see RFC 8555 §8.3: redirects are followed, and HTTPS behind them is not verified.
 */
export async function fetchChallenge(start: string, options: ProbeOptions): Promise<Fetched> {
  const remarks: string[] = [];
  let url = new URL(start);
  for (let redirects = 0; ; redirects++) {
    const fetched = await fetchOnce(url, options);
    const { address, status, location, body } = fetched.answer;
    remarks.push(...fetched.remarks);
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) {
      return { url: url.href, address, status, body, remarks };
    }
    if (redirects >= REDIRECTS) {
      throw new ProbeFailure(`${start} redirects more than ${String(REDIRECTS)} times`, true);
    }
    url = redirected(url, location);
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to === undefined || !["http:", "https:"].includes(to.protocol)) {
    throw new ProbeFailure(`${from.href} redirects to something else than http or https`, true);
  }
  return to;
}

interface Answer {
  readonly address: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

async function fetchOnce(
  url: URL,
  options: ProbeOptions,
): Promise<{ readonly answer: Answer; readonly remarks: readonly string[] }> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return probeAddresses(host, options, {
    ask: (address) => ask(url, host, address, options.signal),
    describe: ({ address }) => `${url.href} at ${address}`,
  });
}

function ask(url: URL, host: string, address: Address, outer: AbortSignal): Promise<Answer> {
  return withDeadline("the request", PROBE_MS, outer, (signal) => {
    const secure = url.protocol === "https:";
    const request = secure ? requestHttps : requestHttp;
    // The name stays in the Host header and in SNI; where it points has been decided.
    const where: HttpsOptions = {
      host,
      port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      headers: { Accept: "*/*", Connection: "close", "User-Agent": "pulumi-acme (preflight)" },
      agent: false,
      signal,
      family: address.family,
      lookup: (_host, _options, done) => {
        // Not at once: a socket that fails at once ("no route") does so before anybody listens for it.
        setImmediate(done, null, address.address, address.family);
      },
      rejectUnauthorized: false,
    };
    return new Promise<Answer>((resolve, reject) => {
      const outgoing = request(where, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const done = (): void => {
          const body = Buffer.concat(chunks).toString("utf8");
          const { location } = response.headers;
          resolve({ address: address.address, status: response.statusCode ?? 0, location, body });
        };
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size <= BODY_LIMIT) return;
          done();
          outgoing.destroy();
        });
        response.on("end", done).on("error", reject);
      });
      outgoing.on("error", reject).end();
    });
  });
}
