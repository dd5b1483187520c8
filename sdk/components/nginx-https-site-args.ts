/** Arguments of the component `NginxHttpsSite`. */
import type * as pulumi from "@pulumi/pulumi";

import type { AcmeCertificateArgs } from "../resources/acme-certificate-args";
import type { CertificateDeploymentArgs } from "../resources/certificate-deployment";
import type { NginxSiteArgs, NginxTlsArgs } from "../resources/nginx-site-args";
import type { AccountReference } from "../resources/references";

/** An account that a web server answers challenges for. An `AcmeAccount` is one. */
export interface StatelessAccountReference extends AccountReference {
  /** Thumbprint of its public key (RFC 7638), base64url. */
  thumbprint: pulumi.Input<string>;
}

/** TLS settings of a site whose certificate is the component's. */
export type NginxHttpsTlsArgs = Omit<NginxTlsArgs, "certificate" | "certificateKey">;

/** What the component decides itself. */
type Decided =
  "challenge" | "configFile" | "redirectToHttps" | "rejectHandshake" | "stream" | "tls";

/** Arguments of an {@link NginxHttpsSite}: those of an `NginxSite`, and an account. */
export interface NginxHttpsSiteArgs extends Omit<NginxSiteArgs, Decided> {
  /** The account that orders the certificate. */
  account: StatelessAccountReference;
  /** Settings of TLS. The certificate is the component's. */
  tls?: NginxHttpsTlsArgs;
  /**
   * Directory of the two configuration files, absolute; they are then called `<name>-challenge.conf` and `<name>-site.conf`. A change
   * replaces the sites. Default: `/etc/nginx/conf.d`, with the names that an `NginxSite` gives them.
   */
  configDirectory?: pulumi.Input<string>;
  /** More arguments of the certificate, such as `solvers`, `order` or `keyType`. Default: stateless http-01 for all of `serverNames`. */
  certificate?: Partial<Omit<AcmeCertificateArgs, "account" | "certificateRequestPem">>;
  /** More arguments of the deployment. Default: the service `nginx`, and the directory `/etc/ssl/<name>`. */
  deployment?: Partial<Omit<CertificateDeploymentArgs, "certificate" | "connection" | "files">>;
}
