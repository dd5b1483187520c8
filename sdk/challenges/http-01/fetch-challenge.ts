/** Fetching a challenge over HTTP as a CA does: addresses, redirects, limits. */
import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions as HttpsOptions } from "node:https";

import { messageOf, TimeoutError } from "../../util/errors";
import { withDeadline } from "../../util/abort";
import { isLoopback } from "../../util/host-name";
import { type Address, type Lookup, lookUp } from "./name-lookup";

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

/** The CA could not fetch it either (`evident`), or only we could not. */
export class FetchFailure extends Error {
  override readonly name = "FetchFailure";
  readonly evident: boolean;

  constructor(message: string, evident: boolean, options?: ErrorOptions) {
    super(message, options);
    this.evident = evident;
  }
}

const REDIRECTS = 10;
const REQUEST_MS = 10_000;
const BODY_LIMIT = 64 * 1024;

export interface FetchOptions {
  readonly resolvers: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * @throws {@link FetchFailure}
 * @see RFC 8555 §8.3: redirects are followed, and HTTPS behind them is not verified.
 */
export async function fetchChallenge(start: string, options: FetchOptions): Promise<Fetched> {
  const remarks: string[] = [];
  let url = new URL(start);
  for (let redirects = 0; ; redirects++) {
    const { address, status, location, body } = await fetchOnce(url, options, remarks);
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) {
      return { url: url.href, address, status, body, remarks };
    }
    if (redirects >= REDIRECTS) {
      throw new FetchFailure(`${start} redirects more than ${String(REDIRECTS)} times`, true);
    }
    url = redirected(url, location);
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to === undefined || !["http:", "https:"].includes(to.protocol)) {
    throw new FetchFailure(`${from.href} redirects to something else than http or https`, true);
  }
  return to;
}

interface Answer {
  readonly address: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** Asks the host's addresses in turn: like a CA, the next one only when there is no connection to the one before. */
async function fetchOnce(url: URL, options: FetchOptions, remarks: string[]): Promise<Answer> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const failures: FetchFailure[] = [];
  for (const address of addressesOf(host, await lookUp(host, options.resolvers))) {
    try {
      const answer = await ask(url, host, address, options.signal);
      // No IPv6 from here is everyday; a port that refuses over IPv6 is what the CA meets first.
      remarks.push(
        ...failures
          .filter((f) => !isNoRoute(f.cause))
          .map((f) => `${f.message} (a CA tries it first)`),
      );
      return answer;
    } catch (error) {
      options.signal.throwIfAborted();
      failures.push(failureAt(url, address, error));
    }
  }
  throw new FetchFailure(
    failures.map((failure) => failure.message).join("; "),
    failures.every((failure) => failure.evident),
  );
}

function addressesOf(host: string, found: Lookup): readonly Address[] {
  if (found.kind === "found") {
    // One of each family, as a CA does: it does not go through a list.
    return ([6, 4] as const).flatMap(
      (family) => found.addresses.find((address) => address.family === family) ?? [],
    );
  }
  throw new FetchFailure(
    found.kind === "absent"
      ? `${found.reason}: create the A or AAAA record of ${host} first`
      : `${host}: ${found.reason}`,
    found.kind === "absent",
  );
}

function failureAt(url: URL, { address }: Address, error: unknown): FetchFailure {
  const { code } = error as NodeJS.ErrnoException;
  const refused = code === "ECONNREFUSED";
  const why =
    error instanceof TimeoutError
      ? `no answer within ${String(REQUEST_MS / 1000)} s`
      : refused
        ? "connection refused"
        : messageOf(error);
  // Who resolves a name to a loopback address is on this machine, the CA included: it sees what we see.
  return new FetchFailure(`${url.href} at ${address}: ${why}`, refused && isLoopback(address), {
    cause: error,
  });
}

function isNoRoute(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code ?? "");
}

function ask(url: URL, host: string, address: Address, outer: AbortSignal): Promise<Answer> {
  return withDeadline("the request", REQUEST_MS, outer, (signal) => {
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
