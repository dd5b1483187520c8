/**
 * HTTPS with nginx: an account, a site that answers challenges, a certificate, its deployment, and a site with TLS.
 *
 * `npm start` runs this with servers on this machine. For a server of your own it needs three settings:
 *
 *     pulumi config set --path 'names[0]' example.com
 *     pulumi config set sshHostKey "$(ssh-keyscan -t ed25519 example.com | cut -d' ' -f2-)"   # compare it with the host's
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 *
 * Once the staging environment of Let's Encrypt has issued, set `directoryUrl` to the production one.
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const serverNames = config.getObject<string[]>("names") ?? ["example.com", "www.example.com"];
const contact = config.get("contact");
const httpPort = config.getNumber("httpPort") ?? 80;
const httpsPort = config.getNumber("httpsPort") ?? 443;
const configDirectory = config.get("nginxConfigDirectory") ?? "/etc/nginx/conf.d";

const connection: acme.ConnectionArgs = {
  host: config.get("host") ?? serverNames[0] ?? "example.com",
  port: config.getNumber("sshPort"),
  user: config.get("sshUser"),
  privateKey: config.requireSecret("sshPrivateKey"),
  hostKey: config.require("sshHostKey"),
  sudo: config.getBoolean("sudo"),
};
// Default: the commands for an nginx installed from the distribution's package.
const nginx = { test: config.get("nginxTest"), reload: config.get("nginxReload") };

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  contact: contact === undefined ? [] : [contact],
  caBundlePem: config.get("caBundlePem"),
});

const challengeSite = new acme.NginxSite("http", {
  connection,
  serverNames,
  challenge: { thumbprint: account.thumbprint },
  redirectToHttps: true,
  listen: { http: httpPort, https: httpsPort },
  configFile: `${configDirectory}/quickstart.conf`,
  ...nginx,
});

const certificate = new acme.AcmeCertificate(
  "certificate",
  {
    account,
    dnsNames: serverNames,
    solvers: [{ http01: { stateless: true } }],
    preflight: { httpPort, resolvers: config.getObject<string[]>("resolvers") },
  },
  { dependsOn: challengeSite },
);

const deployment = new acme.CertificateDeployment("quickstart", {
  certificate,
  connection,
  service: "nginx",
  directory: config.get("certificateDirectory"),
  // On port 443 the new certificate is verified with a TLS handshake, and the old one restored if it is not served.
  verify: httpsPort === 443 ? undefined : false,
  ...nginx,
});

const site = new acme.NginxSite("https", {
  connection,
  serverNames,
  tls: { certificate: deployment.paths.fullchain, certificateKey: deployment.paths.privateKey },
  listen: { http: false, https: httpsPort },
  root: config.get("root") ?? "/var/www/html",
  configFile: `${configDirectory}/quickstart.tls.conf`,
  ...nginx,
});

export const names = certificate.dnsNames;
export const issuer = certificate.issuerCommonName;
export const notAfter = certificate.notAfter;
export const renewAt = certificate.renewAt;
export const fingerprintSha256 = certificate.fingerprintSha256;
export const paths = deployment.paths;
export const configFiles = [challengeSite.configFile, site.configFile];
