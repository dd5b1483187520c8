/** What is done with deployments: create, update, read, remove. Loads everything heavy. */
import { randomUUID, X509Certificate } from "node:crypto";

import {
  type Applied,
  applyPlan,
  fingerprintOf,
  type Plan,
  planDeployment,
  removeFiles,
  untilServed,
} from "../../deploy";
import { holdsKey, presetOf } from "../../deploy/services";
import { type Host, HostError, withHost } from "../../hosts";
import { instant } from "../../util/duration";
import { messageOf } from "../../util/errors";
import { hostAndPort } from "../../util/host-name";
import { splitCertificates } from "../../x509/pem";
import { decideDeployment } from "./decide";
import { findDrift } from "./drift";
import { type Expectation, expectationOf, report } from "./endpoint";
import type { DeploymentArguments, DeploymentState } from "./state";
import { PartialFailure, type Properties } from "../engine/handler";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";
import { removing } from "../engine/removal";
import { sameData } from "../engine/wire";

export async function create(args: DeploymentArguments, reporter: Reporter): Promise<Properties> {
  const resource = randomUUID();
  try {
    return await deploy({ args, resource, force: false, reporter });
  } catch (error) {
    // Only what may have reached the host must be remembered: else a destroy would need a host that never was.
    if (!isUncertain(error)) throw error;
    const achieved = { __arguments: args, __resource: resource, paths: args.paths };
    throw new PartialFailure(messageOf(error), achieved, { cause: error });
  }
}

export async function update(
  state: DeploymentState,
  args: DeploymentArguments,
  reporter: Reporter,
): Promise<Properties> {
  const decision = decideDeployment(state, args);
  if (decision.action === "adopt") {
    const { made } = state.__arguments;
    return { ...state, __arguments: made === undefined ? args : { ...args, made } };
  }
  const force = decision.action === "apply" && decision.force;
  return deploy({ args, resource: state.__resource, force, reporter, state });
}

/** Looks at the host. One that is down is no news about the deployment: a warning, and the state stays. */
export async function read(state: DeploymentState, reporter: Reporter): Promise<Properties> {
  if (state.deployedAt === undefined) return { ...state };
  try {
    return await interruptible((signal) => findDrift(state, reporter, signal));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    reporter.warn(
      `the deployment could not be looked at, and is taken as it was: ${error.message}`,
    );
    return { ...state };
  }
}

/** Removes what is still this deployment's. */
export async function remove(state: DeploymentState, reporter: Reporter): Promise<void> {
  const { connection, paths } = state.__arguments;
  const deployed = state.__deployed?.map(({ path }) => path) ?? Object.values(paths);
  const words = wordsOf(reporter);
  await removing("deployment", () =>
    interruptible((signal) =>
      withHost(
        connection,
        (host) => removeFiles(host, state.__resource, deployed, { signal, ...words }),
        { signal, progress: words.progress },
      ),
    ),
  );
}

/** The reporter's methods as functions. */
function wordsOf(
  reporter: Reporter,
): Record<"progress" | "info" | "warn", (message: string) => void> {
  return {
    progress: (message) => {
      reporter.progress(message);
    },
    info: (message) => {
      reporter.info(message);
    },
    warn: (message) => {
      reporter.warn(message);
    },
  };
}

interface Deployment {
  readonly args: DeploymentArguments;
  /** Whose the files are on the host. */
  readonly resource: string;
  readonly force: boolean;
  readonly reporter: Reporter;
  /** What was deployed before. */
  readonly state?: DeploymentState;
}

async function deploy(deployment: Deployment): Promise<Properties> {
  const { args, reporter } = deployment;
  const chain = splitCertificates(args.certificate.fullchainPem);
  const leaf = new X509Certificate(chain[0] ?? "");
  const { plan, made } = await planOf(deployment, chain);
  warnOfMissingKey(args, reporter);
  return interruptible((signal) =>
    withHost(
      args.connection,
      async (host) => {
        const expectation = await expectationOf(host, args, leaf, signal);
        const applied = await bring(host, plan, expectation, deployment, signal);
        const served = await servedIn(host, expectation, reporter, signal);
        return results(deployment, applied, { leaf, served, made });
      },
      { signal, progress: wordsOf(reporter).progress },
    ),
  );
}

/** The files onto the host, and the service to them. */
async function bring(
  host: Host,
  plan: Plan,
  expectation: Expectation | undefined,
  { force, reporter }: Deployment,
  signal: AbortSignal,
): Promise<Applied> {
  const { progress, warn } = wordsOf(reporter);
  const context = {
    signal,
    progress,
    warn,
    ...(expectation?.required === true && {
      verify: (limit?: AbortSignal) => verify(host, expectation, progress, limit),
      verifyTimeoutMs: expectation.timeoutMs,
    }),
  };
  const applied = await applyPlan(host, plan, { ...context, force });
  const stale = expectation?.required === true && expectation.before !== expectation.fingerprint;
  if (applied.changed || !stale) return applied;
  // The files are there, and the service does not know it: a reload that was missed.
  return applyPlan(host, plan, { ...context, force: true });
}

async function verify(
  host: Host,
  { endpoint, fingerprint, timeoutMs }: Expectation,
  progress: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  progress(`waiting for ${hostAndPort(endpoint.address, endpoint.port)} to serve it`);
  const options = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
  await untilServed(host, endpoint, fingerprint, options);
}

async function servedIn(
  host: Host,
  expectation: Expectation | undefined,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (expectation === undefined) return undefined;
  return expectation.required
    ? expectation.fingerprint
    : report(host, expectation, wordsOf(reporter).info, signal);
}

async function planOf(
  { args, resource, state }: Deployment,
  chain: readonly string[],
): Promise<{ plan: Plan; made: Record<string, string> }> {
  const old = state?.__arguments;
  const sameCertificate = old !== undefined && sameData(old.certificate, args.certificate);
  const made: Record<string, string> = {};
  const { certificate, directory, files, test, reload, readableBy } = args;
  const request = {
    directory,
    preset: presetOf(args.service),
    ...(files !== undefined && { files }),
    ...(test !== undefined && { test }),
    ...(reload !== undefined && { reload }),
    ...(readableBy !== undefined && { readableBy }),
  };
  const plan = await planDeployment(
    resource,
    request,
    certificate,
    chain,
    async (path, password) => {
      const kept = sameCertificate && samePassword(old, args) ? old.made?.[path] : undefined;
      if (kept === undefined) {
        const { createPkcs12 } = await import("../../x509/pkcs12.js");
        const { fullchainPem, privateKeyPem = "" } = certificate;
        const der = await createPkcs12({ fullchainPem, privateKeyPem, password });
        made[path] = Buffer.from(der).toString("base64");
      } else {
        made[path] = kept;
      }
      return Buffer.from(made[path], "base64");
    },
  );
  return { plan, made };
}

function samePassword(old: DeploymentArguments, news: DeploymentArguments): boolean {
  const passwords = ({ files }: DeploymentArguments): unknown =>
    files?.map(({ path, password }) => [path, password]);
  return sameData(passwords(old), passwords(news));
}

function warnOfMissingKey(args: DeploymentArguments, reporter: Reporter): void {
  const dropped = (args.files ?? []).filter(({ content }) => holdsKey(content));
  if (args.certificate.privateKeyPem !== undefined || dropped.length === 0) return;
  const paths = dropped.map(({ path }) => path).join(", ");
  reporter.warn(`the certificate comes without a private key, so these are not written: ${paths}`);
}

function results(
  { args, resource, state }: Deployment,
  applied: Applied,
  { leaf, served, made }: { leaf: X509Certificate; served: string | undefined; made: object },
): Properties {
  const fingerprint = fingerprintOf(leaf);
  const fresh = applied.changed || state?.deployedAt === undefined;
  return {
    __arguments: Object.keys(made).length === 0 ? args : { ...args, made },
    __resource: resource,
    __deployed: applied.files,
    paths: args.paths,
    files: applied.files,
    fingerprintSha256: fingerprint,
    servedFingerprintSha256: served,
    __served: served === fingerprint,
    deployedAt: fresh ? instant(Date.now()) : state.deployedAt,
    reloaded: fresh ? applied.reloaded : (state.reloaded ?? false),
  };
}

/** Whether the host may hold new files although this side saw a failure. */
function isUncertain(error: unknown): boolean {
  return (
    error instanceof HostError &&
    error.step !== "connect" &&
    (error.code === "connection-lost" || error.code === "timeout")
  );
}
