/** HTTPS for one nginx server: an account, an answer to challenges, a certificate, its deployment, and a site. */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const serverNames = config.require("names").split(",");
const host = config.get("host") || serverNames[0] || "localhost";

const connection: acme.ConnectionArgs = {
  host,
  port: config.getNumber("sshPort"),
  user: config.get("sshUser"),
  privateKey: config.requireSecret("sshPrivateKey"),
  hostKey: config.require("sshHostKey"),
  sudo: config.getBoolean("sudo"),
};
// For an nginx that is not the distribution's.
const {
  httpPort = 80,
  httpsPort = 443,
  configDirectory = "/etc/nginx/conf.d",
  ...commands
} = config.getObject<{
  httpPort?: number;
  httpsPort?: number;
  configDirectory?: string;
  test?: string;
  reload?: string;
}>("nginx") ?? {};

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.require("directoryUrl"),
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

// Answers the CA's challenges, and redirects everything else to HTTPS.
const http = new acme.NginxSite("http", {
  connection,
  serverNames,
  challenge: { thumbprint: account.thumbprint },
  redirectToHttps: true,
  listen: { http: httpPort, https: httpsPort },
  configFile: `${configDirectory}/${pulumi.getProject()}.conf`,
  ...commands,
});

const certificate = new acme.AcmeCertificate(
  "certificate",
  {
    account,
    dnsNames: serverNames,
    solvers: [{ http01: { stateless: true } }],
    preflight: { httpPort, resolvers: config.getObject<string[]>("resolvers") },
  },
  { dependsOn: http },
);

const { paths } = new acme.CertificateDeployment("nginx", {
  certificate,
  connection,
  service: "nginx",
  directory: config.get("certificateDirectory") || `/etc/ssl/${pulumi.getProject()}`,
  // On port 443 a handshake checks that the new certificate is served.
  verify: httpsPort === 443 ? undefined : false,
  ...commands,
});

const https = new acme.NginxSite("https", {
  connection,
  serverNames,
  tls: { certificate: paths.fullchain, certificateKey: paths.privateKey },
  listen: { http: false, https: httpsPort },
  proxyPass: config.require("upstream"),
  configFile: `${configDirectory}/${pulumi.getProject()}.tls.conf`,
  ...commands,
});

export const { notAfter, renewAt, fingerprintSha256 } = certificate;
export const configFiles = [http.configFile, https.configFile];
