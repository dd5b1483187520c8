/**
 * `check` of a `CertificateDeployment`: what is wrong with its arguments, and where its files will lie. Pure.
 *
 * `paths` becomes an argument: outputs are unknown in the preview of an update, and a renewal must not look like a
 * change of everything that names these paths.
 */
import type { FileRequest } from "../../deploy/file-request";
import { pathsOf } from "../../deploy/plan-files";
import { disagreementOf, portsOf } from "../../deploy/services/together";
import { deploymentSchema, type DeploymentArguments, hasKey, requestedFiles } from "./arguments";
import { addressProblems } from "../arguments/service";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { failuresOf } from "../arguments/failures";
import { SECRET_ARGUMENTS } from "../../util/secret-names";
import { hasUnknown, isRecord, isUnknown, markSecrets } from "../engine/wire";

/** Stands for "not known yet" in `paths`, as the engine itself writes it. */
type Unknown = string;

export function checkDeployment(news: Properties, olds: Properties): CheckResult {
  const certificate = certificateOf(news);
  const failures = failuresOf(deploymentSchema, { ...news, certificate });
  const { selfSigned } = news;
  if (certificate === undefined && selfSigned !== true && !isUnknown(selfSigned)) {
    const reason = "is missing; only with `selfSigned: true` a deployment begins without one";
    failures.push({ path: "certificate", reason });
  }
  const directory = news["directory"] ?? defaultDirectory(news["__urn"], failures);
  const inputs: Properties = {
    ...news,
    directory,
    certificate: withoutRepetition(certificate),
  };
  if (failures.length === 0) {
    const args = inputs as unknown as DeploymentArguments;
    // A renewal does not know its key yet in preview; that there will be one is seen from the last time.
    const withKey = hasKey(certificate) ?? hasKey(olds["certificate"]) ?? true;
    const files = requestedFiles(args, withKey);
    failures.push(...contradictions(args, files));
    inputs["paths"] = files === undefined ? unknownOf(args) : pathsOf(files);
  }
  const marked = markSecrets(inputs, SECRET_ARGUMENTS) as Properties;
  // `paths.privateKey` is where the key lies, and no secret: else every site that names it becomes one.
  return { inputs: { ...marked, paths: inputs["paths"] }, failures };
}

/** A reference to what is not there yet has no fields: with `selfSigned` that is no certificate. */
function certificateOf({ certificate, selfSigned }: Properties): unknown {
  const isEmpty = isRecord(certificate) && (certificate["fullchainPem"] ?? undefined) === undefined;
  return selfSigned === true && (isEmpty || certificate === null) ? undefined : certificate;
}

/** `certificatePem` and `issuerPem` say nothing that `fullchainPem` does not. */
function withoutRepetition(certificate: unknown): unknown {
  if (!isRecord(certificate)) return certificate;
  const { fullchainPem, privateKeyPem } = certificate;
  return { fullchainPem, privateKeyPem };
}

/** `/etc/ssl/<name of the resource>`. */
function defaultDirectory(urn: unknown, failures: CheckFailure[]): string | undefined {
  const name = typeof urn === "string" ? (urn.split("::").at(-1) ?? "") : "";
  if (/^(?!\.{1,2}$)[A-Za-z0-9._-]+$/.test(name) && name !== "certs" && name !== "private") {
    return `/etc/ssl/${name}`;
  }
  const reason = ["certs", "private"].includes(name)
    ? `must be given: /etc/ssl/${name} belongs to the system`
    : "must be given, because the name of the resource is no name for a directory (letters, digits, dot, hyphen and underscore are)";
  failures.push({ path: "directory", reason });
  return undefined;
}

/** The engine's word for "unknown", taken from where it stands. */
function unknownOf(args: DeploymentArguments): Unknown | undefined {
  const inFiles = (Array.isArray(args.files) ? args.files : []).flatMap((file: unknown) =>
    isRecord(file) ? Object.values(file) : [file],
  );
  const candidates: unknown[] = [args.directory, args.service, args.files, ...inFiles];
  return candidates.find(isUnknown) as Unknown | undefined;
}

/** What is right by itself and wrong together. */
function contradictions(
  args: DeploymentArguments,
  files: readonly FileRequest[] | undefined,
): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const { verify, service } = args;
  if (hasUnknown(service)) return files === undefined ? [] : collisions(files);
  const disagreement = args.files === undefined ? disagreementOf(service) : undefined;
  if (disagreement !== undefined) failures.push({ path: "service", reason: disagreement });
  if (verify === "report" && portsOf(service).length === 0) {
    const reason = "has no port to look at: the service says none";
    failures.push({ path: "verify", reason });
  }
  failures.push(...addressProblems(service, verify));
  if (files !== undefined) failures.push(...collisions(files));
  return failures;
}

/** Two files with one path, or one inside of another. */
function collisions(files: readonly FileRequest[]): CheckFailure[] {
  return files.flatMap(({ path }, index) => {
    const at = `files[${String(index)}].path`;
    const before = files.slice(0, index);
    if (before.some((other) => other.path === path))
      return [{ path: at, reason: "is the path of another file, too" }];
    const inside = files.find((other) => path.startsWith(`${other.path}/`));
    return inside === undefined ? [] : [{ path: at, reason: "lies inside of another file" }];
  });
}
