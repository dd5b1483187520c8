/**
 * One certificate for several virtual hosts, and for other services of the same host.
 *
 *     pulumi config set --path 'names[0]' www.example.com
 *     pulumi config set --path 'names[1]' shop.example.com
 *     pulumi config set host web-1.example.com
 *     pulumi config set sshHostKey "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const names = config.requireObject<string[]>("names");
const services = config.getObject<acme.DeploymentService[]>("services") ?? ["nginx"];
const http = config.getNumber("httpPort") ?? 80;
const https = config.getNumber("httpsPort") ?? 443;
const address = config.get("listenAddress");
const root = config.get("root") ?? "/var/www";
const configDirectory = config.get("nginxConfigDirectory") ?? "/etc/nginx/conf.d";
const nginx = { test: config.get("nginxTest"), reload: config.get("nginxReload") };
const connection: acme.ConnectionArgs = {
  host: config.require("host"),
  port: config.getNumber("sshPort"),
  user: config.get("sshUser"),
  privateKey: config.requireSecret("sshPrivateKey"),
  hostKey: config.require("sshHostKey"),
  sudo: config.getBoolean("sudo"),
};
const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const challenges = new acme.NginxSite("challenges", {
  connection,
  serverNames: names,
  challenge: { thumbprint: account.thumbprint },
  redirectToHttps: true,
  listen: { http, https, address },
  configFile: `${configDirectory}/challenges.conf`,
  ...nginx,
});
const certificate = new acme.AcmeCertificate(
  "certificate",
  {
    account,
    dnsNames: names,
    solvers: [{ http01: { stateless: true } }],
    preflight: { httpPort: http, resolvers: config.getObject<string[]>("resolvers") },
  },
  { dependsOn: challenges },
);
const { paths } = new acme.CertificateDeployment("certificate", {
  certificate,
  connection,
  service: services,
  directory: config.get("certificateDirectory") ?? "/etc/ssl/shared",
  ...nginx,
});
for (const name of names) {
  new acme.NginxSite(name, {
    connection,
    serverNames: [name],
    tls: { certificate: paths.fullchain, certificateKey: paths.privateKey },
    listen: { http: false, https, address },
    root: `${root}/${name}`,
    configFile: `${configDirectory}/${name}.conf`,
    ...nginx,
  });
}

export const { fullchainPem, renewAt } = certificate;
