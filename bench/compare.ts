/** Both clients against one CA, in turns. */
import { startClient, type Client, type ClientProcess, type Sample, type Sent } from "./client";
import { freshNames, verify, type Fixture } from "./fixture";
import { maximum, mean, median, quantile } from "./report";

const WARM_UP = 3;

export interface Figures {
  readonly orders: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** Per order, as {@link RequestCount}. */
  readonly needed: number;
  readonly nonces: number;
  readonly laterPolls: number;
  readonly allRequests: number;
  readonly peakRss: number;
}

/** Both clients in figures. */
export interface Comparison {
  readonly title: string;
  readonly ours: Figures;
  readonly theirs: Figures;
}

/**
 * `orders` certificates of `names` names by each client, one client after the other, and who begins changes each time:
 * what else the machine does hits both. Each is a process of its own; its first certificates are not counted.
 */
export async function compare(
  fixture: Fixture,
  title: string,
  names: number,
  orders: number,
): Promise<Comparison> {
  const start = (client: Client): ClientProcess =>
    startClient(client, fixture.assignments[client], fixture.caBundleFile);
  const ours = { process: start("pulumi-acme"), samples: [] as Sample[] };
  const theirs = { process: start("acme-client"), samples: [] as Sample[] };
  try {
    for (let round = -WARM_UP; round < orders; round++) {
      for (const client of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
        const sample = await obtain(fixture, client.process, names);
        if (round >= 0) client.samples.push(sample);
      }
    }
    return { title, ours: figuresOf(ours.samples), theirs: figuresOf(theirs.samples) };
  } finally {
    ours.process.stop();
    theirs.process.stop();
  }
}

/** Process start to the first certificate, for one name. */
export interface ColdStart {
  readonly milliseconds: number;
  readonly sample: Sample;
}

/** @param registered - with an account; without one it is registered on the way */
export async function coldStart(
  fixture: Fixture,
  client: Client,
  registered: boolean,
): Promise<ColdStart> {
  const { account, ...stranger } = fixture.assignments[client];
  const assignment = registered ? { ...stranger, account } : stranger;
  const started = performance.now();
  const process = startClient(client, assignment, fixture.caBundleFile);
  try {
    const sample = await obtain(fixture, process, 1);
    return { milliseconds: performance.now() - started, sample };
  } finally {
    process.stop();
  }
}

async function obtain(fixture: Fixture, client: ClientProcess, names: number): Promise<Sample> {
  const wanted = freshNames(names);
  const sample = await client.obtain(wanted);
  fixture.sent += sample.sent.length;
  verify(sample.chainPem, wanted);
  return sample;
}

function figuresOf(samples: readonly Sample[]): Figures {
  const times = samples.map(({ milliseconds }) => milliseconds);
  const counts = samples.map(({ sent }) => countRequests(sent));
  return {
    orders: samples.length,
    p50: median(times),
    p95: quantile(times, 0.95),
    max: maximum(times),
    needed: median(counts.map(({ needed }) => needed)),
    nonces: median(counts.map(({ nonces }) => nonces)),
    laterPolls: mean(counts.map(({ laterPolls }) => laterPolls)),
    allRequests: mean(samples.map(({ sent }) => sent.length)),
    peakRss: maximum(samples.map(({ peakRss }) => peakRss)),
  };
}

export interface RequestCount {
  /** All that is not in the other two: directory, orders, authorizations and challenges, the first poll of each, download. */
  readonly needed: number;
  /** HEAD (or GET) of newNonce. */
  readonly nonces: number;
  /** Polls after the first of an order, an authorization or a challenge. */
  readonly laterPolls: number;
}

/** By Pebble's paths; only for runs without refused nonces, where a URL that comes again is a poll. */
export function countRequests(sent: readonly Sent[]): RequestCount {
  const nonces = sent.filter(({ method }) => method === "HEAD").length;
  const posts = new Map<string, number>();
  for (const { method, url } of sent) {
    if (method === "POST") posts.set(url, (posts.get(url) ?? 0) + 1);
  }
  let laterPolls = 0;
  for (const [url, times] of posts) laterPolls += Math.max(0, times - expected(url));
  return { needed: sent.length - nonces - laterPolls, nonces, laterPolls };
}

/** How often a URL is asked when the first poll finds what it looks for. */
function expected(url: string): number {
  const { pathname } = new URL(url);
  // An authorization is fetched, then polled; or else its challenge is answered, then polled.
  if (/^\/(authZ|chalZ)\//.test(pathname)) return 2;
  return 1;
}
