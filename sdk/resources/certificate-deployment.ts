/** The resource `CertificateDeployment`. */
import * as pulumi from "@pulumi/pulumi";

import type { FileContent } from "../deploy/file-request";
import type { DeploymentService } from "../deploy/services";
import type { StartTls } from "../deploy/starttls";
import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";
import type { TargetArgs } from "./connection-args";
import { pickCertificate } from "./references";
import type { CertificateReference } from "./references";

/** One file of a deployment. */
export interface DeployedFile {
  /** Name inside the deployment's directory, or an absolute path. A change replaces the deployment. */
  path: pulumi.Input<string>;
  /**
   * `fullchain`, `certificate` (the leaf), `issuer` (the intermediates), `privateKey` (PKCS#8), `privateKeyTraditional` (PKCS#1 or
   * SEC 1), `bundle` (full chain and key), in PEM; `pkcs12`; `certificateDer`, `privateKeyDer`.
   */
  content: pulumi.Input<FileContent>;
  /** Octal, such as `"0640"`. Default: `"0600"` for files with a key, else `"0644"`. */
  mode?: pulumi.Input<string>;
  /** Name or number of the user that owns it. Default: the service's. */
  owner?: pulumi.Input<string>;
  /** Name or number of its group. Default: the service's. */
  group?: pulumi.Input<string>;
  /** Entries for `setfacl -m`, such as `"u:postfix:r"`. Default: none. */
  acl?: pulumi.Input<pulumi.Input<string>[]>;
  /** Password of a `pkcs12`. Secret. */
  password?: pulumi.Input<string>;
}

/** The TLS handshake that ends a deployment. */
export interface VerifyArgs {
  /** `host:port`. Default: the connection's host and the port of each service. */
  address?: pulumi.Input<string>;
  /** Name to ask for (SNI). Default: the certificate's first name. */
  serverName?: pulumi.Input<string>;
  /** The protocol that TLS is started from; `"none"`: TLS at once. Default: the service's on its usual port. */
  startTls?: pulumi.Input<StartTls | "none">;
  /** How long the new certificate may take to be served. Default: `"30s"`. */
  timeout?: pulumi.Input<string>;
}

/** Arguments of a {@link CertificateDeployment}. */
export type CertificateDeploymentArgs = CertificateDeploymentSettings &
  (CertificateToDeploy | CertificateToCome);

/** A certificate, as one deploys it. */
export interface CertificateToDeploy {
  /** What to deploy. */
  certificate: pulumi.Input<CertificateReference>;
  /** Without effect while there is a certificate to deploy. Default: false. */
  selfSigned?: pulumi.Input<boolean>;
}

/** A service that must start before there is a certificate. */
export interface CertificateToCome {
  /** What to deploy, once it is there. */
  certificate?: pulumi.Input<CertificateReference | undefined>;
  /**
   * Without a `certificate`: where none lies at `paths`, a self-signed one does, so that the service can start. It never replaces a real
   * one, and gives way to any other deployment. Default: false.
   */
  selfSigned: pulumi.Input<boolean>;
}

/** Arguments of a {@link CertificateDeployment} beside the certificate. */
export interface CertificateDeploymentSettings {
  /** The host, or `"local"` for this machine. A change of the host replaces, one of credentials does not touch it. */
  connection: pulumi.Input<TargetArgs>;
  /**
   * Preset for files, test, reload and the port to verify; each can be overridden. Several services share one copy of the files: all are
   * tested, then all are reloaded. Default: `"generic"`.
   */
  service?: pulumi.Input<DeploymentService | pulumi.Input<DeploymentService>[]>;
  /** Absolute path. A change replaces. Default: `/etc/ssl/<name of the resource>`. */
  directory?: pulumi.Input<string>;
  /** Default: the service's, else `fullchain.pem` and `privkey.pem`. */
  files?: pulumi.Input<pulumi.Input<DeployedFile>[]>;
  /** Shell command that runs on the host after the switch and before `reload`. If it fails, the old files are restored. */
  test?: pulumi.Input<string>;
  /** Shell command that makes the service read the files. Default: the service's. */
  reload?: pulumi.Input<string>;
  /**
   * The TLS handshake at the end. With an object, the new certificate must be served, or the old files are restored. `"report"`: what is
   * served is said, and nothing is restored. `false`: no handshake. Default: try the service's port; the certificate must be served if one
   * for this name was served before.
   */
  verify?: pulumi.Input<VerifyArgs | "report" | false>;
  /** Any values; a change deploys and reloads again. Default: none. */
  triggers?: pulumi.Input<unknown[]>;
  /** Users that must be able to read the key; this is tested on the host. Default: none. */
  readableBy?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The host is gone for good if it cannot be reached when something has to be removed from it: a warning says what may lie there, and the
   * resource is forgotten. Default: false, which is an error; `PULUMI_ACME_FORGET_UNREACHABLE=true` in the environment means the same for
   * all. Where the host was what changed, an old one that is gone is a warning in any case.
   */
  forgetUnreachable?: pulumi.Input<boolean>;
}

/** A file on the host. */
export interface DeployedFileState {
  /** Absolute path. */
  path: string;
  /** SHA-256 of the content, lower-case hex. */
  sha256: string;
  /** Octal, four digits. */
  mode: string;
  owner: string;
  group: string;
}

/**
 * Installs a certificate on a host: writes the files, switches them together, tests, reloads, and checks with a TLS handshake
 * that the certificate is served. If a step fails, the old files are restored.
 *
 * A host that already has the files is not changed. `pulumi refresh` detects drift, and the next `pulumi up` repairs it.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 *
 * declare const certificate: acme.AcmeCertificate;
 * const deployment = new acme.CertificateDeployment("web-1", {
 *   certificate,
 *   connection: { host: "web-1.example.com", agentSocketPath: "/run/agent.sock", hostKey: "ssh-ed25519 AAAA…" },
 *   service: "nginx",
 * });
 * ```
 */
export class CertificateDeployment extends pulumi.CustomResource {
  /**
   * Absolute path of each content that is deployed; the first file of each. Known in preview, so that resources which use
   * the paths do not change at a renewal.
   */
  declare readonly paths: pulumi.Output<Record<FileContent, string>>;
  /** The files as they were written. */
  declare readonly files: pulumi.Output<DeployedFileState[]>;
  /** SHA-256 of the deployed leaf's DER, lower-case hex. */
  declare readonly fingerprintSha256: pulumi.Output<string>;
  /** The same of the certificate that was served at the end, if any. */
  declare readonly servedFingerprintSha256: pulumi.Output<string | undefined>;
  /** When the files were last written, RFC 3339. */
  declare readonly deployedAt: pulumi.Output<string>;
  /** Whether the service was reloaded then. */
  declare readonly reloaded: pulumi.Output<boolean>;

  constructor(name: string, args: CertificateDeploymentArgs, opts?: pulumi.CustomResourceOptions) {
    const given: Partial<CertificateToCome> = args;
    const picked = { ...given, certificate: pickCertificate(given.certificate) };
    super(...registration(KIND, name, picked, opts));
  }
}

const OUTPUTS: Declared<CertificateDeployment> = {
  paths: undefined,
  files: undefined,
  fingerprintSha256: undefined,
  servedFingerprintSha256: undefined,
  deployedAt: undefined,
  reloaded: undefined,
};

const KIND: ResourceKind = {
  className: "CertificateDeployment",
  handler: "deployment",
  outputs: OUTPUTS,
  secretOutputs: [],
};
