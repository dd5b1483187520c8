/** The arguments of a `CertificateDeployment`, what their changes mean, and what it keeps in the state. Pure. */
import type { StoredFile } from "../../deploy/files";
import type { CertificateMaterial } from "../../deploy/plan";
import type { FileRequest, FileContent } from "../../deploy/file-request";
import { filesOf } from "../../deploy/plan-files";
import { type DeploymentService, presetOf } from "../../deploy/services";
import type { StartTls } from "../../deploy/starttls";
import type { Target } from "../../hosts/host";
import { digestOf, type Rules } from "../engine/rules";
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

/** Documented outputs on the top level. The names are frozen. */
export interface DeploymentState {
  /** See {@link RULES}: of the private key and of passwords their digests. */
  readonly __arguments: DeploymentArguments;
  readonly __state: {
    /** Whose the files are, in the manifests on the host. A new one for each creation: a replaced deployment is not its successor. */
    readonly ownerId: string;
    /** The files as this deployment left them; `files` follows what `refresh` finds. */
    readonly deployedFiles?: readonly StoredFile[];
    /** Whether the service served it in the end. */
    readonly isServed?: boolean;
    /** What `refresh` found different, in words. */
    readonly drift?: readonly string[];
    /** PKCS#12 files that were made, in base64: each making gives other bytes. */
    readonly pkcs12ByPath?: Readonly<Record<string, string>>;
  };
  readonly paths?: Partial<Record<FileContent, string>>;
  readonly files?: readonly StoredFile[];
  readonly fingerprintSha256?: string;
  readonly servedFingerprintSha256?: string;
  /** Absent: nothing was ever deployed, or it is not known. */
  readonly deployedAt?: string;
  readonly reloaded?: boolean;
}

/** What a change of an argument means: `apply` is work on the host. */
export const RULES: Rules<DeploymentArguments, "apply"> = {
  certificate: { change: "apply", stored: storedCertificate },
  // Another host replaces; port, user and credentials are taken over.
  connection: { change: "settings" },
  service: { change: "apply" },
  directory: { change: "replace" },
  files: { change: "apply", stored: storedFiles },
  test: { change: "apply" },
  reload: { change: "apply" },
  verify: { change: "apply" },
  triggers: { change: "apply" },
  readableBy: { change: "apply" },
  // Follow from the others.
  paths: { change: "none" },
};

function storedCertificate(certificate: CertificateMaterial): CertificateMaterial {
  const { fullchainPem, privateKeyPem } = certificate;
  return { fullchainPem, privateKeyPem: secretDigest(privateKeyPem) };
}

function storedFiles(files: readonly FileRequest[]): FileRequest[] {
  return files.map((file) =>
    isRecord(file) ? { ...file, password: secretDigest(file.password) } : file,
  );
}

function secretDigest(value: string | undefined): string | undefined {
  return value === undefined || isUnknown(value) ? value : digestOf(value);
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
