/** Where a deployment looks at what is served, and whether it must be the new certificate. */
import type { X509Certificate } from "node:crypto";

import { type Endpoint, fingerprintOf, isFor, look, untilServed } from "../../deploy";
import { presetOf } from "../../deploy/services";
import type { Host } from "../../hosts";
import { durationMs } from "../../util/duration";
import { hostAndPort, isLoopback } from "../../util/host-name";
import { messageOf } from "../../util/errors";
import { parseAddress } from "./arguments";
import type { DeploymentArguments, VerifyArguments } from "./arguments";

const DEFAULT_TIMEOUT_MS = 30_000;
/** How long a service that served another certificate is given where nobody insists. */
const COURTESY_MS = 5000;

/** The endpoint of `args`, if there is one to look at. */
export function endpointOf(args: DeploymentArguments, leaf: X509Certificate): Endpoint | undefined {
  if (args.verify === false) return undefined;
  const verify: VerifyArguments = args.verify ?? {};
  const given = verify.address === undefined ? undefined : parseAddress(verify.address);
  const port = given?.port ?? presetOf(args.service).port;
  if (port === undefined) return undefined;
  const { keyType, serverName } = namesOf(leaf);
  return {
    ...endpointAddress(args, given?.host),
    port,
    serverName: verify.serverName ?? serverName,
    startTls: verify.startTls,
    keyType,
  };
}

/** From where an address means the host's service, and not something else of the same address. */
function endpointAddress(
  { connection }: DeploymentArguments,
  given: string | undefined,
): Pick<Endpoint, "address" | "inside" | "from"> {
  const loopback = "127.0.0.1";
  if (connection === "local") {
    const address = given ?? loopback;
    return { address, inside: address, from: ["here"] };
  }
  const address = given ?? connection.host;
  const inside = given ?? loopback;
  // Behind a jump host the same private address may be another machine here.
  if (connection.proxy !== undefined && given === undefined)
    return { address, inside, from: ["host"] };
  if (!isLoopback(address)) return { address, inside, from: ["here", "host"] };
  return { address, inside, from: isLoopback(connection.host) ? ["host", "here"] : ["host"] };
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
