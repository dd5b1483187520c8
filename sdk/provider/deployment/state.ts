/** What a `CertificateDeployment` keeps in the state. */
import type { FileContent } from "../../deploy/file-request";
import type { StoredFile } from "../../deploy/files";
import type { DeploymentArguments } from "./arguments";

/** Documented outputs on the top level. The names are frozen. */
export interface DeploymentState {
  /** See {@link RULES}: of the private key and of passwords their digests. */
  readonly __arguments: DeploymentArguments;
  readonly __state: {
    /** Whose the files are, in the manifests on the host. A new one for each creation: a replaced deployment is not its successor. */
    readonly ownerId: string;
    /** The files as this deployment left them; `files` follows what `refresh` finds. */
    readonly deployedFiles?: readonly StoredFile[];
    /** The ports on which it was served in the end. */
    readonly servedOn?: readonly number[];
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
