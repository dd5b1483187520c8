/** Where a deployment looks at what is served, and whether it must be the new certificate. */
import type { X509Certificate } from "node:crypto";

import {
  type Endpoint,
  fingerprintOf,
  isFor,
  look,
  nginxEmergencies,
  untilServed,
} from "../../deploy";
import type { Host } from "../../hosts";
import { durationMs } from "../../util/duration";
import { hostAndPort } from "../../util/host-name";
import { messageOf, TimeoutError } from "../../util/errors";
import { singleLine } from "../../util/text";
import { type AskedPort, askedPorts } from "../arguments/asked-ports";
import type { DeploymentArguments, VerifyArguments } from "./arguments";
import type { Reporter } from "../engine/progress";

const DEFAULT_TIMEOUT_MS = 30_000;
/** How long a service that served another certificate is given where nobody insists. */
const COURTESY_MS = 5000;

/** How long before the look at a service a reload that failed may have begun. */
const RELOAD_MS = 5000;

/** The endpoints of `args` that are to be looked at. */
export function endpointsOf(
  args: DeploymentArguments,
  leaf: X509Certificate,
): (Endpoint & AskedPort)[] {
  const { keyType, serverName } = namesOf(leaf);
  const asked = objectOf(args.verify)?.serverName ?? serverName;
  return askedPorts(args).map((port) => ({ ...port, serverName: asked, keyType }));
}

/** What is demanded of what is served, if anything is. */
function objectOf(verify: DeploymentArguments["verify"]): VerifyArguments | undefined {
  return typeof verify === "object" ? verify : undefined;
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
  /** Whose port it is, of several services. */
  readonly service: string | undefined;
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
 * deployment the site that uses the files may come after them. `"report"`: it need not be.
 */
export async function expectationsOf(
  host: Host,
  args: DeploymentArguments,
  leaf: X509Certificate,
  signal: AbortSignal,
): Promise<Expectation[]> {
  const { timeout } = objectOf(args.verify) ?? {};
  return Promise.all(
    endpointsOf(args, leaf).map(async ({ service, ...endpoint }) => {
      const seen = await look(host, endpoint, signal);
      const served = seen.fingerprint !== undefined && isFor(seen.certificate, endpoint.serverName);
      return {
        service,
        endpoint,
        fingerprint: fingerprintOf(leaf),
        required: args.verify !== "report" && (args.verify !== undefined || served),
        before: seen.fingerprint,
        timeoutMs: timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(timeout),
      };
    }),
  );
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

/** Looks once more where nobody insists: what is served now, and a word where it is not the new one; a warning where that `isAsked`. */
export async function report(
  host: Host,
  { endpoint, fingerprint }: Expectation,
  { info, warn, isAsked }: Pick<Reporter, "info" | "warn"> & { readonly isAsked: boolean },
  signal: AbortSignal,
): Promise<string | undefined> {
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
    // At a first deployment the site may come after the files.
    const say = isAsked && seen.fingerprint !== undefined ? warn : info;
    say(`${hostAndPort(endpoint.address, endpoint.port)}: the new certificate is ${instead}`);
  }
  return seen.fingerprint;
}

/** The one certificate to name where there are several ports: another one than `wanted` if there is one, because that is the news. */
export function servedOf(
  served: readonly (string | undefined)[],
  wanted: string | undefined,
): string | undefined {
  return (
    served.find((fingerprint) => fingerprint !== undefined && fingerprint !== wanted) ??
    served.find((fingerprint) => fingerprint !== undefined)
  );
}
