/** Where a deployment looks at what is served, and whether it must be the new certificate. */
import type { X509Certificate } from "node:crypto";

import {
  type Endpoint,
  fingerprintOf,
  isFor,
  look,
  nginxEmergencies,
  untilServed,
  vantageOf,
} from "../../deploy";
import { portsOf } from "../../deploy/services/together";
import type { Host } from "../../hosts";
import { durationMs } from "../../util/duration";
import { hostAndPort } from "../../util/host-name";
import { messageOf, TimeoutError } from "../../util/errors";
import { singleLine } from "../../util/text";
import { parseAddress } from "./arguments";
import type { DeploymentArguments, VerifyArguments } from "./arguments";

const DEFAULT_TIMEOUT_MS = 30_000;
/** How long a service that served another certificate is given where nobody insists. */
const COURTESY_MS = 5000;

/** How long before the look at a service a reload that failed may have begun. */
const RELOAD_MS = 5000;

/** The endpoint of `args`, if there is one to look at. */
export function endpointOf(args: DeploymentArguments, leaf: X509Certificate): Endpoint | undefined {
  if (args.verify === false) return undefined;
  const verify: VerifyArguments = args.verify ?? {};
  const given = verify.address === undefined ? undefined : parseAddress(verify.address);
  const [usual] = portsOf(args.service);
  const port = given?.port ?? usual?.port;
  if (port === undefined) return undefined;
  const { keyType, serverName } = namesOf(leaf);
  return {
    ...vantageOf(args.connection, given?.host),
    port,
    serverName: verify.serverName ?? serverName,
    startTls: verify.startTls ?? usual?.startTls,
    keyType,
  };
}

function namesOf(leaf: X509Certificate): { serverName: string; keyType: string | undefined } {
  const names = leaf.subjectAltName ?? "";
  const dnsName = /DNS:([^\s,"]+)/.exec(names)?.[1];
  const address = /IP Address:([^\s,"]+)/.exec(names)?.[1];
  return {
    // Any name that the wildcard covers does.
    serverName: dnsName?.replace(/^\*\./, "www.") ?? address ?? "",
    keyType: leaf.publicKey.asymmetricKeyType,
  };
}

/** What was served before, and what follows from it. */
export interface Expectation {
  readonly endpoint: Endpoint;
  readonly fingerprint: string;
  /** The deployment fails where the certificate is not served in the end. */
  readonly required: boolean;
  /** The fingerprint that was served. */
  readonly before: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Given `verify`: the new certificate must be served. Else only where one for this name was before: at a first
 * deployment the site that uses the files may come after them.
 */
export async function expectationOf(
  host: Host,
  args: DeploymentArguments,
  leaf: X509Certificate,
  signal: AbortSignal,
): Promise<Expectation | undefined> {
  const endpoint = endpointOf(args, leaf);
  if (endpoint === undefined) return undefined;
  const verify: VerifyArguments | undefined = args.verify === false ? undefined : args.verify;
  const seen = await look(host, endpoint, signal);
  const served = seen.fingerprint !== undefined && isFor(seen.certificate, endpoint.serverName);
  return {
    endpoint,
    fingerprint: fingerprintOf(leaf),
    required: verify !== undefined || served,
    before: seen.fingerprint,
    timeoutMs: verify?.timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(verify.timeout),
  };
}

/**
 * Waits until the new certificate is served.
 *
 * An nginx that goes on with its former configuration says why in its error log alone.
 *
 * @see certbot/certbot#7555
 */
export async function insist(
  host: Host,
  { endpoint, fingerprint, timeoutMs }: Expectation,
  { test, progress }: { readonly test: string | undefined; progress: (message: string) => void },
  signal: AbortSignal | undefined,
): Promise<void> {
  progress(`waiting for ${hostAndPort(endpoint.address, endpoint.port)} to serve it`);
  try {
    await untilServed(host, endpoint, fingerprint, { timeoutMs, signal });
  } catch (error) {
    if (!(error instanceof TimeoutError) || test === undefined) throw error;
    const log = await nginxEmergencies(host, test, timeoutMs + RELOAD_MS, signal).catch(() => []);
    if (log.length === 0) throw error;
    const said = singleLine(log.slice(-3).join(", "));
    throw new TimeoutError(`${error.message}; the error log of nginx says: ${said}`);
  }
}

/** Looks once more where nobody insists: what is served now, and a word where it is not the new one. */
export async function report(
  host: Host,
  expectation: Expectation,
  info: (message: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { endpoint, fingerprint } = expectation;
  let seen = await look(host, endpoint, signal);
  if (seen.fingerprint !== undefined && seen.fingerprint !== fingerprint) {
    const patience = { timeoutMs: COURTESY_MS, signal };
    await untilServed(host, endpoint, fingerprint, patience).catch(() => undefined);
    seen = await look(host, endpoint, signal);
  }
  if (seen.fingerprint !== fingerprint) {
    const instead =
      seen.fingerprint === undefined
        ? `not served yet (${messageOf(seen.problem)})`
        : "not what is served there";
    info(`${hostAndPort(endpoint.address, endpoint.port)}: the new certificate is ${instead}`);
  }
  return seen.fingerprint;
}
