/** The resource `NginxSite`. */
import * as pulumi from "@pulumi/pulumi";

import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";
import type { NginxSiteArgs } from "./nginx-site-args";

/**
 * A site of nginx on a host: one configuration file, written beside, tested with `nginx -t`, switched and reloaded; or put back.
 *
 * The usual pair is a challenge site before the certificate, and a TLS site after it.
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
  /** The configuration's text. Secret if anything that it is made from is. */
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
  return pulumi.isSecret(pulumi.output({ ...args, connection: undefined }));
}
