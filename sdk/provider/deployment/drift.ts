/** What became of a deployment on its host. */
import { X509Certificate } from "node:crypto";

import {
  type Endpoint,
  type FoundFile,
  look,
  ownerIn,
  readFiles,
  type StoredFile,
} from "../../deploy";
import type { Host, Target } from "../../hosts";
import { hostAndPort } from "../../util/host-name";
import { onHost } from "../config-file/on-host";
import { endpointsOf, servedOf } from "./endpoint";
import type { DeploymentState } from "./state";
import type { Reporter } from "../engine/progress";

/** The state with what was found: `files`, `servedFingerprintSha256`, and in `drift` what the next update repairs. */
export async function findDrift(
  state: DeploymentState,
  reporter: Reporter,
): Promise<DeploymentState> {
  const { connection, certificate } = state.__arguments;
  return onHost(impatient(connection), reporter, async (host, signal) => {
    const deployed = state.__state.deployedFiles ?? [];
    const paths = deployed.map(({ path }) => path);
    const found = await readFiles(host, paths, { signal });
    // A stand-in has to be there; whatever else lies there is better.
    if (certificate === undefined) return standInState(state, found);
    const endpoints = endpointsOf(state.__arguments, new X509Certificate(certificate.fullchainPem));
    const { served, mismatches } = await lookAtAll(host, endpoints, state, reporter, signal);
    const drift = deployed.flatMap((file) => [
      ...differences(file, found.get(file.path)),
      ...lossOf(file, found.get(file.path), state.__state.ownerId),
    ]);
    drift.push(...mismatches);
    return {
      ...state,
      __state: { ...state.__state, drift },
      files: paths.flatMap((path) => storedOf(found.get(path))),
      servedFingerprintSha256: served,
    };
  });
}

/** A host that was there before is not waited for as one that is just being made. */
function impatient(target: Target): Target {
  if (target === "local") return target;
  const limit = target.dialErrorLimit ?? 10;
  return { ...target, dialErrorLimit: limit < 0 ? 2 : Math.min(limit, 2) };
}

/** In words: a file that is gone, or whose content, mode or owner is not what was left there. */
function differences(deployed: StoredFile, found: FoundFile | undefined): string[] {
  const { path } = deployed;
  if (found === undefined) return [`${path} is missing`];
  const differing = [
    ...(found.sha256 === deployed.sha256 ? [] : ["was changed"]),
    ...(found.mode === deployed.mode ? [] : [`has mode ${found.mode}, not ${deployed.mode}`]),
    ...(found.owner === deployed.owner ? [] : [`belongs to ${found.owner}, not ${deployed.owner}`]),
    ...(found.group === deployed.group
      ? []
      : [`has the group ${found.group}, not ${deployed.group}`]),
  ];
  return differing.map((what) => `${path} ${what}`);
}

/** In words: another resource that has deployed the file since. */
function lossOf({ path }: StoredFile, found: FoundFile | undefined, ownerId: string): string[] {
  const entry = found?.entry;
  return entry === undefined || entry.resource === ownerId
    ? []
    : [`${path} was deployed by ${ownerIn(entry)}, too`];
}

function storedOf(found: FoundFile | undefined): StoredFile[] {
  if (found === undefined) return [];
  const { path, sha256, mode, owner, group } = found;
  return [{ path, sha256, mode, owner, group }];
}

function standInState(
  state: DeploymentState,
  found: ReadonlyMap<string, FoundFile>,
): DeploymentState {
  const paths = (state.__state.deployedFiles ?? []).map(({ path }) => path);
  const drift = paths.filter((path) => !found.has(path)).map((path) => `${path} is missing`);
  const files = paths.flatMap((path) => storedOf(found.get(path)));
  return { ...state, __state: { ...state.__state, drift }, files };
}

interface Finding {
  readonly served: string | undefined;
  readonly mismatch?: string;
}

async function lookAtAll(
  host: Host,
  endpoints: readonly Endpoint[],
  state: DeploymentState,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<{ served: string | undefined; mismatches: string[] }> {
  const findings = await Promise.all(
    endpoints.map((endpoint) => lookAt(host, endpoint, state, reporter, signal)),
  );
  const served = findings.map((finding) => finding.served);
  return {
    served: servedOf(served, state.fingerprintSha256) ?? state.servedFingerprintSha256,
    mismatches: findings.flatMap(({ mismatch }) => mismatch ?? []),
  };
}

/** A service that once served the certificate, or has to, and serves another one now, has drifted. */
async function lookAt(
  host: Host,
  endpoint: Endpoint,
  { __arguments: { verify }, __state: { servedOn }, fingerprintSha256 }: DeploymentState,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Finding> {
  const seen = await look(host, endpoint, signal);
  const where = hostAndPort(endpoint.address, endpoint.port);
  const isDemanded = typeof verify === "object" || servedOn?.includes(endpoint.port) === true;
  if (seen.fingerprint === undefined) {
    // A reload does not start a service that is down, so this is for a person.
    if (isDemanded) reporter.warn(`${where} serves no certificate: ${seen.problem}`);
    return { served: undefined };
  }
  const isOther = isDemanded && seen.fingerprint !== fingerprintSha256;
  return {
    served: seen.fingerprint,
    ...(isOther && { mismatch: `${where} serves another certificate` }),
  };
}
