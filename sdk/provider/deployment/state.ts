/** The arguments of a `CertificateDeployment`, and what it keeps in the state. */
import type { StoredFile } from "../../deploy/files";
import type { CertificateMaterial } from "../../deploy/plan";
import { type FileRequest, filesOf } from "../../deploy/plan-files";
import { type DeploymentService, type FileContent, presetOf } from "../../deploy/services";
import type { StartTls } from "../../deploy/starttls";
import type { Target } from "../../hosts/host";
import type { Properties } from "../engine/handler";
import { hasUnknown, isRecord, isUnknown } from "../engine/wire";

export interface VerifyArguments {
  readonly address?: string;
  readonly serverName?: string;
  readonly startTls?: StartTls;
  readonly timeout?: string;
}

/** As `check` leaves them: `directory` and `paths` are always there. */
export interface DeploymentArguments {
  readonly certificate: CertificateMaterial;
  readonly connection: Target;
  readonly service?: DeploymentService;
  readonly directory: string;
  readonly files?: readonly FileRequest[];
  readonly test?: string;
  readonly reload?: string;
  readonly verify?: VerifyArguments | false;
  readonly triggers?: readonly unknown[];
  readonly readableBy?: readonly string[];
  readonly paths: Partial<Record<FileContent, string>>;
}

/** Results on the top level; what only this package reads has a name with `__`. The names are for ever. */
export interface DeploymentState {
  readonly __arguments: DeploymentArguments & {
    /** PKCS#12 files that were made, in base64, by path: each making gives other bytes. */
    readonly made?: Readonly<Record<string, string>>;
  };
  /** Whose the files are, in the manifests on the host. A new one for each creation: a replaced deployment is not its successor. */
  readonly __resource: string;
  /** The files as this deployment left them; `files` follows what `refresh` finds. */
  readonly __deployed?: readonly StoredFile[];
  /** Whether the service served it in the end. */
  readonly __served?: boolean;
  /** What `refresh` found different, in words. */
  readonly __drift?: readonly string[];
  readonly paths?: Partial<Record<FileContent, string>>;
  readonly files?: readonly StoredFile[];
  readonly fingerprintSha256?: string;
  readonly servedFingerprintSha256?: string;
  /** Absent: nothing was ever deployed, or it is not known. */
  readonly deployedAt?: string;
  readonly reloaded?: boolean;
}

export function deploymentState(properties: Properties): DeploymentState {
  return properties as unknown as DeploymentState;
}

export function deploymentArguments(inputs: Properties): DeploymentArguments {
  const own = Object.entries(inputs).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(own) as unknown as DeploymentArguments;
}

/**
 * The files that these arguments ask for, with absolute paths; `undefined` while it is not known.
 *
 * @param withKey - whether the certificate has a key, where it is not known yet.
 */
export function requestedFiles(
  args: DeploymentArguments,
  withKey: boolean,
): FileRequest[] | undefined {
  const { directory, files, service } = args;
  if (isUnknown(files) || (files ?? []).some(isUnknown)) return undefined;
  const shape = (files ?? []).map(({ path, content }) => [path, content]);
  if (hasUnknown([directory, service, shape])) return undefined;
  const preset = presetOf(service);
  const request = files === undefined ? { directory, preset } : { directory, preset, files };
  return filesOf(request, withKey);
}

/** Whether the certificate has a private key; `undefined` while it is not known. */
export function hasKey(certificate: unknown): boolean | undefined {
  if (!isRecord(certificate)) return undefined;
  const key = certificate["privateKeyPem"];
  return isUnknown(key) ? undefined : key !== undefined && key !== null;
}
