/** The resource `ServiceConfig`. */
import * as pulumi from "@pulumi/pulumi";

import type { DeploymentService } from "../deploy/services";
import type { StartTls } from "../deploy/starttls";
import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";
import type { TargetArgs } from "./connection-args";

/** What has to answer after the reload. */
export interface AnswerArgs {
  /** `host:port`. Default: the connection's host and the service's port. */
  address?: pulumi.Input<string>;
  /** A TLS handshake must succeed; `false`: a TCP connection is enough. Default: true. */
  tls?: pulumi.Input<boolean>;
  /** Name to ask for (SNI). Default: the host's, if it is a name. */
  serverName?: pulumi.Input<string>;
  /** The protocol that TLS is started from, or `"none"`. Default: the service's, else none. */
  startTls?: pulumi.Input<StartTls | "none">;
  /** How long the service may take to answer. Default: `"30s"`. */
  timeout?: pulumi.Input<string>;
}

/** Arguments of a {@link ServiceConfig}. */
export interface ServiceConfigArgs {
  /** The host, or `"local"` for this machine. A change of the host replaces, one of credentials does not touch it. */
  connection: pulumi.Input<TargetArgs>;
  /** Absolute path of the file. A change replaces. */
  path: pulumi.Input<string>;
  /** Text of the file, without the line that says whose it is. Give a secret if it holds one: then it is shown nowhere. */
  content: pulumi.Input<string>;
  /** Preset for `test`, `reload` and the port that has to answer, as in a deployment. Default: none. */
  service?: pulumi.Input<DeploymentService | pulumi.Input<DeploymentService>[]>;
  /** Octal. Default: `"0644"`. */
  mode?: pulumi.Input<string>;
  /** Name or number of the user that owns the file. Default: the user who writes it. */
  owner?: pulumi.Input<string>;
  /** Name or number of its group. Default: the group of the user who writes it. */
  group?: pulumi.Input<string>;
  /**
   * What begins a comment in this file: its first line says whose it is. `false`: nothing is added, for scripts, JSON and XML; then only
   * the list beside the file says it. Default: `"#"`.
   */
  commentPrefix?: pulumi.Input<"#" | "//" | ";" | false>;
  /** Shell command that tests the configuration. If it fails, the old file is restored. Default: the service's. */
  test?: pulumi.Input<string>;
  /** Shell command that makes the service read the file. Default: the service's. */
  reload?: pulumi.Input<string>;
  /**
   * Whether the service answers in the end. With an object it must, or the old file is restored. `"report"`: look and say. `false`: do not
   * look. Default: the service's port must answer as it did before.
   */
  verify?: pulumi.Input<AnswerArgs | "report" | false>;
  /** Any values; a change writes, tests and reloads again. Default: none. */
  triggers?: pulumi.Input<unknown[]>;
  /**
   * The host is gone for good if it cannot be reached when something has to be removed from it: a warning says what may lie there, and the
   * resource is forgotten. Default: false, which is an error; `PULUMI_ACME_FORGET_UNREACHABLE=true` in the environment means the same for
   * all. Where the host was what changed, an old one that is gone is a warning in any case.
   */
  forgetUnreachable?: pulumi.Input<boolean>;
}

/**
 * One configuration file of a service on a host: written, tested, and taken over by a reload. If a step fails, or the service does not
 * answer any more, the old file is restored.
 *
 * `pulumi refresh` detects drift, and the next `pulumi up` repairs it. A file that somebody else wrote is not touched.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 *
 * declare const deployment: acme.CertificateDeployment;
 * declare const connection: acme.ConnectionArgs;
 * const tls = new acme.ServiceConfig("dovecot-tls", {
 *   connection,
 *   service: "dovecot",
 *   path: "/etc/dovecot/conf.d/99-tls.conf",
 *   content: deployment.paths.apply(
 *     ({ fullchain, privateKey }) => `ssl = required\nssl_cert = <${fullchain}\nssl_key = <${privateKey}\n`,
 *   ),
 * });
 * ```
 */
export class ServiceConfig extends pulumi.CustomResource {
  /** Absolute path of the file. */
  declare readonly path: pulumi.Output<string>;
  /** SHA-256 of `content`, lower-case hex. Secret if `content` is. */
  declare readonly sha256: pulumi.Output<string>;
  /** Whether the service was reloaded when the file was last written. */
  declare readonly reloaded: pulumi.Output<boolean>;

  constructor(name: string, args: ServiceConfigArgs, opts?: pulumi.CustomResourceOptions) {
    const __secretConfig = pulumi.isSecret(pulumi.output(args.content));
    super(...registration(KIND, name, { ...args, __secretConfig }, opts));
  }
}

const OUTPUTS: Declared<ServiceConfig> = {
  path: undefined,
  sha256: undefined,
  reloaded: undefined,
};

const KIND: ResourceKind = {
  className: "ServiceConfig",
  handler: "serviceConfig",
  outputs: OUTPUTS,
  secretOutputs: [],
};
