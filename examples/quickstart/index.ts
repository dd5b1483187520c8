/**
 * HTTPS with nginx, from nothing: an account, and a site that gets its certificate by itself.
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

const connection: acme.ConnectionArgs = {
  host: config.get("host") ?? serverNames[0] ?? "example.com",
  port: config.getNumber("sshPort"),
  user: config.get("sshUser"),
  privateKey: config.requireSecret("sshPrivateKey"),
  hostKey: config.require("sshHostKey"),
  sudo: config.getBoolean("sudo"),
};
const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  contact: contact === undefined ? [] : [contact],
  caBundlePem: config.get("caBundlePem"),
});

const { certificate, deployment, challengeSite, site } = new acme.NginxHttpsSite("quickstart", {
  account,
  connection,
  serverNames,
  root: config.get("root") ?? "/var/www/html",
  // Default: what fits an nginx that is installed from the distribution's package.
  listen: { http: httpPort, https: config.getNumber("httpsPort") },
  configDirectory: config.get("nginxConfigDirectory"),
  test: config.get("nginxTest"),
  reload: config.get("nginxReload"),
  certificate: { preflight: { httpPort, resolvers: config.getObject<string[]>("resolvers") } },
  deployment: { directory: config.get("certificateDirectory") },
});

export const names = certificate.dnsNames;
export const issuer = certificate.issuerCommonName;
export const notAfter = certificate.notAfter;
export const renewAt = certificate.renewAt;
export const fingerprintSha256 = certificate.fingerprintSha256;
export const paths = deployment.paths;
export const configFiles = [challengeSite.configFile, site.configFile];
