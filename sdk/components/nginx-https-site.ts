/** The component `NginxHttpsSite`. */
import { isIP } from "node:net";

import * as pulumi from "@pulumi/pulumi";

import { AcmeCertificate } from "../resources/acme-certificate";
import type { AcmeCertificateArgs } from "../resources/acme-certificate-args";
import { CertificateDeployment } from "../resources/certificate-deployment";
import { NginxSite } from "../resources/nginx-site";
import type { NginxHttpsSiteArgs } from "./nginx-https-site-args";

/**
 * A site with HTTPS on a host with nginx, in one `pulumi up`: a site that answers challenges and redirects to HTTPS, a certificate, its
 * deployment, and the site with TLS. A renewal replaces the certificate's files and reloads nginx.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 *
 * declare const account: acme.AcmeAccount;
 * declare const connection: acme.ConnectionArgs;
 * const site = new acme.NginxHttpsSite("shop", {
 *   account,
 *   connection,
 *   serverNames: ["shop.example.com"],
 *   proxyPass: "http://127.0.0.1:3000",
 * });
 * ```
 */
export class NginxHttpsSite extends pulumi.ComponentResource {
  /** Plain HTTP: answers challenges, and redirects everything else. Its name is `<name>-challenge`. */
  readonly challengeSite: NginxSite;
  /** Its name is `<name>-certificate`. */
  readonly certificate: AcmeCertificate;
  /** Its name is `<name>-deployment`. */
  readonly deployment: CertificateDeployment;
  /** HTTPS, with the content. Its name is `<name>-site`. */
  readonly site: NginxSite;

  constructor(name: string, args: NginxHttpsSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acme:index:NginxHttpsSite", name, {}, opts);
    const { account, serverNames, tls, configDirectory, certificate, deployment, ...site } = args;
    const { connection, test, reload, triggers, forgetUnreachable, listen, defaultServer } = site;
    const { root, proxyPass, websocket, locations, upstreams, extraConfig } = site;
    const content = { root, proxyPass, websocket, locations, upstreams, extraConfig };
    const host = { connection, test, reload, triggers, forgetUnreachable };
    const names = { serverNames, defaultServer };
    const parent = { parent: this };
    const configFile = (kind: string): pulumi.Output<string> | undefined =>
      configDirectory === undefined
        ? undefined
        : pulumi.interpolate`${configDirectory}/${name}-${kind}.conf`;

    this.challengeSite = new NginxSite(
      `${name}-challenge`,
      {
        ...host,
        ...names,
        listen,
        challenge: { thumbprint: account.thumbprint },
        redirectToHttps: true,
        configFile: configFile("challenge"),
      },
      parent,
    );
    this.certificate = new AcmeCertificate(
      `${name}-certificate`,
      { ...namesFrom(serverNames, certificate), ...given(certificate), account },
      { ...parent, dependsOn: this.challengeSite },
    );
    this.deployment = new CertificateDeployment(
      `${name}-deployment`,
      {
        service: "nginx",
        directory: `/etc/ssl/${name}`,
        verify: verifyFor(listen),
        ...host,
        ...given(deployment),
        certificate: this.certificate,
        connection,
      },
      parent,
    );
    const { paths } = this.deployment;
    this.site = new NginxSite(
      `${name}-site`,
      {
        ...host,
        ...names,
        ...content,
        listen: pulumi.output(listen).apply((ports) => ({ ...ports, http: false as const })),
        tls: { ...tls, certificate: paths.fullchain, certificateKey: paths.privateKey },
        configFile: configFile("site"),
      },
      parent,
    );
    this.registerOutputs({});
  }
}

/** `args` without what is `undefined`, which would hide a default. */
function given<T extends object>(args: T | undefined): Partial<T> {
  const entries = Object.entries(args ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

/** Names and solvers, where the certificate's arguments have none. */
function namesFrom(
  serverNames: NginxHttpsSiteArgs["serverNames"],
  { order, dnsNames, ipAddresses, solvers }: NonNullable<NginxHttpsSiteArgs["certificate"]> = {},
): Pick<AcmeCertificateArgs, "dnsNames" | "ipAddresses" | "solvers"> {
  if (order !== undefined) return {};
  const stateless = [{ http01: { stateless: true } }];
  const names = pulumi.output(serverNames);
  const isGiven = dnsNames !== undefined || ipAddresses !== undefined;
  return {
    dnsNames: isGiven ? dnsNames : names.apply((all) => all.filter((name) => isIP(name) === 0)),
    ipAddresses: isGiven ? ipAddresses : names.apply((all) => all.filter((name) => isIP(name) > 0)),
    solvers: solvers ?? stateless,
  };
}

/**
 * By default a deployment looks at port 443, and insists on the new certificate where one was served before. Elsewhere it
 * would insist at once, and the site with TLS comes only after it.
 */
function verifyFor(listen: NginxHttpsSiteArgs["listen"]): pulumi.Output<false> | undefined {
  if (listen === undefined) return undefined;
  const verify = pulumi
    .output(listen)
    .apply(({ https = 443 }) => (https === 443 ? undefined : false));
  // An Output of `undefined` is an argument that is not given.
  return verify as pulumi.Output<false>;
}
