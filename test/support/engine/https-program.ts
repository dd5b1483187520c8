/** The program of the quickstart, for a test's own servers. */
import type { WebHost } from "../ssh/web-host";

/**
 * Account, challenge site, certificate by stateless http-01, deployment over SSH, TLS site.
 *
 * @param certificate - more arguments of the certificate
 */
export function httpsProgram(
  host: WebHost,
  dnsNames: readonly string[],
  certificate: Readonly<Record<string, unknown>> = {},
): string {
  const { pebble, nginx, sshd } = host;
  const commands = { test: nginx.test, reload: nginx.reload };
  const file = (name: string): string => `${nginx.configDirectory}/${name}.conf`;
  const settings = {
    account: {
      directoryUrl: pebble.directoryUrl,
      caBundlePem: pebble.caBundlePem,
      termsOfServiceAgreed: true,
    },
    connection: sshd.connection,
    challenge: {
      ...commands,
      serverNames: dnsNames,
      redirectToHttps: true,
      listen: { http: nginx.httpPort, https: nginx.httpsPort, address: "127.0.0.1", ipv6: false },
      configFile: file("challenge"),
    },
    certificate: {
      dnsNames,
      profile: "default",
      solvers: [{ http01: { stateless: true } }],
      preflight: { httpPort: pebble.httpPort, resolvers: [pebble.dns.dnsAddress] },
      ...certificate,
    },
    deployment: {
      ...commands,
      directory: `${host.certificateDirectory}/one`,
      service: "nginx",
      verify: { address: `127.0.0.1:${String(nginx.httpsPort)}`, serverName: dnsNames[0] },
    },
    site: {
      ...commands,
      serverNames: dnsNames,
      listen: { http: false, https: nginx.httpsPort, address: "127.0.0.1", ipv6: false },
      root: `${nginx.prefix}/html`,
      configFile: file("site"),
    },
  };
  return `
    import * as acme from "pulumi-acme";
    const settings = ${JSON.stringify(settings)};
    const { connection } = settings;
    const account = new acme.AcmeAccount("ca", settings.account);
    const challenge = new acme.NginxSite("challenge", {
      ...settings.challenge, connection, challenge: { thumbprint: account.thumbprint },
    });
    const certificate = new acme.AcmeCertificate("one", { ...settings.certificate, account }, { dependsOn: challenge });
    const { verify, ...deploymentSettings } = settings.deployment;
    const deployment = new acme.CertificateDeployment("one", { ...deploymentSettings, connection, certificate });
    const site = new acme.NginxSite("site", {
      ...settings.site, connection,
      tls: { certificate: deployment.paths.fullchain, certificateKey: deployment.paths.privateKey },
    });
    export const fingerprint = certificate.fingerprintSha256;
    export const privateKeyPem = certificate.privateKeyPem;
    export const accountKeyPem = account.accountKeyPem;
    export const renewAt = certificate.renewAt;
    export const files = deployment.files;
  `;
}
