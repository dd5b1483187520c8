/**
 * One name, many web servers. Each of them can answer every challenge of this account, so renewals copy no challenge files.
 * The certificate is deployed to all of them.
 *
 *     pulumi config set --path 'names[0]' example.com
 *     pulumi config set --path 'hosts[0].host' web-1.example.com
 *     pulumi config set --path 'hosts[0].hostKey' "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     … 'hosts[1]' and so on
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";
import { type Host, settingsOf } from "./host";

const config = new pulumi.Config();
const serverNames = config.requireObject<string[]>("names");
const hosts = config.requireObject<Host[]>("hosts");
const privateKey = config.requireSecret("sshPrivateKey");
const http = config.getNumber("httpPort") ?? 80;
const https = config.getNumber("httpsPort") ?? 443;

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const challengeSites = hosts.map((host) => {
  const { connection, listen, commands, configFile } = settingsOf(host, privateKey);
  return new acme.NginxSite(`http-${host.name ?? host.host}`, {
    connection,
    serverNames,
    challenge: { thumbprint: account.thumbprint },
    redirectToHttps: true,
    listen: { ...listen, http, https },
    configFile: configFile("http"),
    ...commands,
  });
});

const certificate = new acme.AcmeCertificate(
  "certificate",
  {
    account,
    dnsNames: serverNames,
    solvers: [{ http01: { stateless: true } }],
    preflight: { httpPort: http, resolvers: config.getObject<string[]>("resolvers") },
  },
  { dependsOn: challengeSites },
);

for (const host of hosts) {
  const { connection, listen, commands, configFile } = settingsOf(host, privateKey);
  const { paths } = new acme.CertificateDeployment(`certificate-${host.name ?? host.host}`, {
    certificate,
    connection,
    service: "nginx",
    directory: host.certificateDirectory ?? "/etc/ssl/many-hosts",
    ...commands,
  });
  new acme.NginxSite(`https-${host.name ?? host.host}`, {
    connection,
    serverNames,
    tls: { certificate: paths.fullchain, certificateKey: paths.privateKey },
    listen: { ...listen, http: false, https },
    root: host.root ?? "/var/www/html",
    configFile: configFile("https"),
    ...commands,
  });
}

export const { fullchainPem, fingerprintSha256, renewAt } = certificate;
