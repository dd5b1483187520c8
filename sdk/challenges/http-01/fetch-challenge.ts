/** Fetching a challenge over HTTP as a CA does: addresses, redirects, limits. */
import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions as HttpsOptions } from "node:https";

import { withDeadline } from "../../util/abort";
import { normalizeHost } from "../../util/host-name";
import type { Address } from "../preflight/addresses";
import {
  PROBE_MS,
  probeAddresses,
  type Probed,
  ProbeFailure,
  type ProbeOptions,
} from "../preflight/probe";
import { isRedirect, redirectTarget } from "./redirect";

export interface Fetched {
  /** Of the last request, after redirects. */
  readonly url: string;
  readonly address: string;
  readonly status: number;
  /** At most 64 KiB of it. */
  readonly body: string;
  readonly redirected: boolean;
  /** What a CA may see otherwise. */
  readonly remarks: readonly string[];
  /** Whether a CA would have been answered by the same servers. */
  readonly asCa: boolean;
}

export interface FetchOptions extends ProbeOptions {
  /** Where redirects may lead. */
  readonly ports: readonly number[];
}

const MAX_REDIRECTS = 10;
const MAX_BODY = 64 * 1024;

/**
 * @throws {@link ProbeFailure}
 * @see RFC 8555 §8.3: redirects are followed, and HTTPS behind them is not verified.
 */
export async function fetchChallenge(start: string, options: FetchOptions): Promise<Fetched> {
  const remarks: string[] = [];
  let asCa = true;
  let url = new URL(start);
  for (let redirects = 0; ; redirects++) {
    const fetched = await fetchOnce(url, options);
    const { address, status, location, body } = fetched.answer;
    remarks.push(...fetched.remarks);
    asCa &&= fetched.asCa;
    if (location === undefined || !isRedirect(status)) {
      return { url: url.href, address, status, body, redirected: redirects > 0, remarks, asCa };
    }
    if (redirects >= MAX_REDIRECTS) {
      throw new ProbeFailure(`${start} redirects more than ${String(MAX_REDIRECTS)} times`, asCa);
    }
    url = redirectTarget(url, { status, location }, { first: start, ports: options.ports });
  }
}

interface Answer {
  readonly address: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

async function fetchOnce(url: URL, options: ProbeOptions): Promise<Probed<Answer>> {
  const host = normalizeHost(url.hostname);
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
          if (size <= MAX_BODY) return;
          done();
          outgoing.destroy();
        });
        response.on("end", done).on("error", reject);
      });
      outgoing.on("error", reject).end();
    });
  });
}
