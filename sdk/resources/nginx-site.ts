/** The resource `NginxSite`. */
import * as pulumi from "@pulumi/pulumi";

import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";
import type { NginxSiteArgs } from "./nginx-site-args";

/**
 * One nginx configuration file on a host: written, tested with `nginx -t` and reloaded. If the test fails, the old file is restored.
 *
 * The usual setup has two sites: one that answers challenges, before the certificate, and one for TLS, after it.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 *
 * declare const account: acme.AcmeAccount;
 * declare const deployment: acme.CertificateDeployment;
 * declare const connection: acme.ConnectionArgs;
 * const challengeSite = new acme.NginxSite("example-http", {
 *   connection,
 *   serverNames: ["example.com"],
 *   challenge: { thumbprint: account.thumbprint },
 *   redirectToHttps: true,
 * });
 * const site = new acme.NginxSite("example-https", {
 *   connection,
 *   serverNames: ["example.com"],
 *   tls: { certificate: deployment.paths.fullchain, certificateKey: deployment.paths.privateKey },
 *   listen: { http: false },
 *   root: "/var/www/example",
 * });
 * ```
 */
export class NginxSite extends pulumi.CustomResource {
  /** Text of the configuration file. Secret if one of the arguments that it contains is. */
  declare readonly config: pulumi.Output<string>;
  /** Absolute path of the configuration file. Known in preview. */
  declare readonly configFile: pulumi.Output<string>;
  /** SHA-256 of the configuration's text, lower-case hex. */
  declare readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: NginxSiteArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration(KIND, name, { ...args, __secretConfig: holdsSecret(args) }, opts));
  }
}

const OUTPUTS: Declared<NginxSite> = {
  config: undefined,
  configFile: undefined,
  sha256: undefined,
};

const KIND: ResourceKind = {
  className: "NginxSite",
  handler: "nginxSite",
  outputs: OUTPUTS,
  secretOutputs: [],
};

/** Whether a secret goes into the text. How the host is reached does not. */
function holdsSecret(args: NginxSiteArgs): Promise<boolean> {
  return pulumi.isSecret(pulumi.output({ ...args, connection: undefined, triggers: undefined }));
}
