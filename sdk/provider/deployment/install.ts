/** The deployment of a certificate that there is: its files onto the host, and what its services serve then. */
import { X509Certificate } from "node:crypto";

import {
  type Applied,
  applyOrKeep,
  fingerprintOf,
  mustRunOf,
  type Plan,
  planDeployment,
} from "../../deploy";
import type { CertificateMaterial } from "../../deploy/plan";
import { holdsKey } from "../../deploy/file-request";
import { wordsOf } from "../../deploy/services/together";
import type { Host } from "../../hosts";
import { instant } from "../../util/instant";
import { ConfigurationError, messageOf } from "../../util/errors";
import { splitCertificates } from "../../x509/pem";
import { onHost } from "../config-file/on-host";
import type { Reporter } from "../engine/progress";
import { storedArguments } from "../engine/rules";
import { sameData } from "../engine/wire";
import { type DeploymentArguments, RULES } from "./arguments";
import { type Expectation, expectationsOf, insist, report, servedOf } from "./endpoint";
import type { DeploymentState } from "./state";

/** What the state keeps of the arguments. */
export function kept(args: DeploymentArguments): DeploymentArguments {
  return { ...args, ...storedArguments(RULES, args) };
}

export interface Deployment {
  readonly args: DeploymentArguments;
  /** Whose the files are on the host. */
  readonly ownerId: string;
  readonly urn: string | undefined;
  readonly force: boolean;
  readonly reporter: Reporter;
  /** What was deployed before. */
  readonly state?: DeploymentState;
}

/** Of a certificate that there is. */
interface Installation extends Deployment {
  readonly certificate: CertificateMaterial;
}

export function onItsHost<T>(
  { args, reporter, state }: Deployment,
  work: (host: Host, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const newHost = state?.deployedAt === undefined;
  return onHost(args.connection, reporter, work, { newHost });
}

export async function install(deployment: Installation): Promise<DeploymentState> {
  const { args, reporter } = deployment;
  const chain = chainOf(deployment);
  const leaf = new X509Certificate(chain[0] ?? "");
  const { plan, pkcs12ByPath } = await planOf(deployment, chain);
  warnOfMissingKey(deployment);
  return onItsHost(deployment, async (host, signal) => {
    const expectations = await expectationsOf(host, args, leaf, signal);
    const applied = await applyAndVerify(host, plan, expectations, deployment, signal);
    const how = { ...reporter, isAsked: args.verify === "report" };
    const served = await servedIn(host, expectations, how, signal);
    return deployedState(deployment, applied, { leaf, served, pkcs12ByPath });
  });
}

function chainOf({ certificate }: Installation): string[] {
  try {
    return splitCertificates(certificate.fullchainPem);
  } catch (error) {
    throw new ConfigurationError(`certificate.fullchainPem: ${messageOf(error)}`);
  }
}

/** The files onto the host, and the services to them. */
async function applyAndVerify(
  host: Host,
  plan: Plan,
  expectations: readonly Expectation[],
  { args, force, reporter }: Deployment,
  signal: AbortSignal,
): Promise<Applied> {
  const { progress, warn } = reporter;
  const required = expectations.filter((expectation) => expectation.required);
  const verify = async (limit: AbortSignal | undefined, down: ReadonlySet<string>) => {
    const up = required.filter(({ service }) => service === undefined || !down.has(service));
    const how = { test: plan.test, progress };
    await Promise.all(up.map((expectation) => insist(host, expectation, how, limit)));
  };
  const context = {
    signal,
    progress,
    warn,
    ...(required.length > 0 && {
      verify,
      verifyTimeoutMs: Math.max(...required.map(({ timeoutMs }) => timeoutMs)),
    }),
    service: wordsOf(args.service),
    mustRun: mustRunOf(required),
  };
  const applied = await applyOrKeep(host, plan, { ...context, force });
  const isStale = required.some(({ before, fingerprint }) => before !== fingerprint);
  if (applied.changed || !isStale) return applied;
  // The files are there, and the service does not know it: a reload that was missed.
  return applyOrKeep(host, plan, { ...context, force: true });
}

interface ServedPort {
  readonly port: number;
  readonly fingerprint: string | undefined;
}

function servedIn(
  host: Host,
  expectations: readonly Expectation[],
  how: Parameters<typeof report>[2],
  signal: AbortSignal,
): Promise<ServedPort[]> {
  return Promise.all(
    expectations.map(async (expectation) => ({
      port: expectation.endpoint.port,
      fingerprint: expectation.required
        ? expectation.fingerprint
        : await report(host, expectation, how, signal),
    })),
  );
}

async function planOf(
  { args, certificate, ownerId, urn, state }: Installation,
  chain: readonly string[],
): Promise<{ plan: Plan; pkcs12ByPath: Record<string, string> }> {
  const former = state !== undefined && samePkcs12(state, args) ? state.__state.pkcs12ByPath : {};
  const pkcs12ByPath: Record<string, string> = {};
  const plan = await planDeployment(ownerId, args, certificate, chain, async (path, password) => {
    const base64 = former?.[path] ?? (await makePkcs12(certificate, password));
    pkcs12ByPath[path] = base64;
    return Buffer.from(base64, "base64");
  });
  return { plan: { ...plan, urn }, pkcs12ByPath };
}

async function makePkcs12(
  { fullchainPem, privateKeyPem = "" }: CertificateMaterial,
  password: string,
): Promise<string> {
  const { createPkcs12 } = await import("../../x509/pkcs12.js");
  const der = await createPkcs12({ fullchainPem, privateKeyPem, password });
  return Buffer.from(der).toString("base64");
}

/** Whether PKCS#12 files that were made before hold this certificate under these passwords. */
function samePkcs12(state: DeploymentState, args: DeploymentArguments): boolean {
  const contents = ({ certificate, files }: DeploymentArguments): unknown => [
    certificate,
    files?.map(({ path, password }) => [path, password]),
  ];
  return sameData(contents(state.__arguments), contents(kept(args)));
}

function warnOfMissingKey({ args, certificate, reporter }: Installation): void {
  const dropped = (args.files ?? []).filter(({ content }) => holdsKey(content));
  if (certificate.privateKeyPem !== undefined || dropped.length === 0) return;
  const paths = dropped.map(({ path }) => path).join(", ");
  reporter.warn(`the certificate comes without a private key, so these are not written: ${paths}`);
}

function deployedState(
  { args, ownerId, state }: Deployment,
  applied: Applied,
  {
    leaf,
    served,
    pkcs12ByPath,
  }: { leaf: X509Certificate; served: readonly ServedPort[]; pkcs12ByPath: Record<string, string> },
): DeploymentState {
  const fingerprintSha256 = fingerprintOf(leaf);
  const fresh = applied.changed || state?.deployedAt === undefined;
  return {
    __arguments: kept(args),
    __state: {
      ownerId,
      deployedFiles: applied.files,
      servedOn: served
        .filter(({ fingerprint }) => fingerprint === fingerprintSha256)
        .map(({ port }) => port),
      pkcs12ByPath: Object.keys(pkcs12ByPath).length === 0 ? undefined : pkcs12ByPath,
    },
    paths: args.paths,
    files: applied.files,
    fingerprintSha256,
    servedFingerprintSha256: servedOf(
      served.map(({ fingerprint }) => fingerprint),
      fingerprintSha256,
    ),
    deployedAt: fresh ? instant(Date.now()) : state.deployedAt,
    reloaded: fresh ? applied.reloaded : (state.reloaded ?? false),
  };
}
