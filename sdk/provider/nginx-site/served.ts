/** What answers on a site's ports: one request, one handshake. */
import { randomBytes, X509Certificate } from "node:crypto";

import {
  type Answer,
  askHttp,
  fingerprintOf,
  look,
  type Place,
  type Vantage,
  vantageOf,
} from "../../deploy";
import { type Host, HostError } from "../../hosts";
import { shellQuote } from "../../hosts/command/shell";
import { delay } from "../../util/abort";
import { messageOf } from "../../util/errors";
import { hostAndPort, normalizeHost } from "../../util/host-name";
import { singleLine } from "../../util/text";
import { splitCertificates } from "../../x509/pem";
import type { NginxSiteArguments } from "./arguments";
import { askedName, plainQuestions, type PlainQuestion } from "./questions";

/** A reload is answered before the new workers serve. */
const PATIENCE_MS = 3000;
const POLL_MS = 100;

/** What is not as it should be, after some patience, on each of the site's ports. */
export async function problemsOf(
  host: Host,
  site: NginxSiteArguments,
  signal: AbortSignal,
): Promise<string[]> {
  const nonce = randomBytes(8).toString("hex");
  const name = askedName(site, nonce);
  if (name === undefined) return [];
  const vantage = vantageOf(site.connection, addressOf(site));
  const looks = plainQuestions(site, name, nonce).map(
    (question) => () => plainProblem(host, vantage, question, signal),
  );
  if (site.tls !== undefined) {
    const place = { ...vantage, port: site.stream?.port ?? site.listen?.https ?? 443 };
    const expected = await fingerprintsOf(host, site.tls.certificate, signal);
    looks.push(() => tlsProblem(host, place, name, expected, signal));
  }
  const problems: string[] = [];
  const end = Date.now() + PATIENCE_MS;
  for (const once of looks) {
    const problem = await untilRight(once, end, signal);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

/** `undefined` where the site listens on all addresses. */
function addressOf({ listen }: NginxSiteArguments): string | undefined {
  const address = listen?.address === undefined ? undefined : normalizeHost(listen.address);
  if (address === "::") return "::1";
  return address === "0.0.0.0" ? undefined : address;
}

async function untilRight(
  once: () => Promise<string | undefined>,
  end: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    const problem = await once();
    if (problem === undefined || Date.now() + POLL_MS > end) return problem;
    await delay(POLL_MS, signal);
  }
}

async function plainProblem(
  host: Host,
  vantage: Vantage,
  { port, name, path, expected, isRight }: PlainQuestion,
  signal: AbortSignal,
): Promise<string | undefined> {
  const where = hostAndPort(vantage.address, port);
  let answer: Answer;
  try {
    answer = await askHttp(host, { ...vantage, port }, { name, path }, signal);
  } catch (error) {
    if (signal.aborted || isForbidden(error)) throw error;
    return `${where} gives no answer (${messageOf(error)})`;
  }
  if (isRight(answer)) return undefined;
  const { status, location, body } = answer;
  const said =
    location === undefined ? `"${singleLine(body, 60)}"` : `to ${singleLine(location, 100)}`;
  return `${where} answers http://${name}${path} with ${String(status)} ${said}, not ${expected ?? "at all"}`;
}

async function tlsProblem(
  host: Host,
  place: Place,
  name: string,
  expected: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const where = hostAndPort(place.address, place.port);
  const seen = await look(host, { ...place, serverName: normalizeHost(name) }, signal);
  if (seen.fingerprint === undefined)
    return `${where} has no certificate for ${name} (${seen.problem})`;
  if (expected.size === 0 || expected.has(seen.fingerprint)) return undefined;
  return `${where} serves another certificate for ${name} (SHA-256 ${seen.fingerprint.slice(0, 16)}…)`;
}

/** Of the certificates that the site names; none where they cannot be read. */
async function fingerprintsOf(
  host: Host,
  paths: string | readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const fingerprints = new Set<string>();
  for (const path of [paths].flat()) {
    const { stdout } = await host.run(`head -c 100000 ${shellQuote(path)}`, { signal });
    try {
      const [leaf = ""] = splitCertificates(stdout);
      fingerprints.add(fingerprintOf(new X509Certificate(leaf)));
    } catch {
      return new Set();
    }
  }
  return fingerprints;
}

/** Whether the host lets nobody through to its ports, so that nothing can be said of them. */
function isForbidden(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isForbidden);
  return error instanceof HostError && error.code === "permission";
}
