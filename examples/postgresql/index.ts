/**
 * TLS for a PostgreSQL server.
 *
 *     pulumi config set name db.example.com
 *     pulumi config set nameServer ns1.example.com
 *     pulumi config set --secret tsigSecret
 *     pulumi config set host db.example.com
 *     pulumi config set sshHostKey "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const name = config.require("name");
const resolvers = config.getObject<string[]>("resolvers");
const commands = { test: config.get("test"), reload: config.get("reload") };
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

const certificate = new acme.AcmeCertificate("certificate", {
  account,
  dnsNames: [name],
  solvers: [
    {
      dns01: {
        rfc2136: {
          server: config.require("nameServer"),
          keyName: config.get("tsigName") ?? "acme",
          keySecret: config.requireSecret("tsigSecret"),
        },
      },
    },
  ],
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});
const { paths } = new acme.CertificateDeployment("certificate", {
  certificate,
  connection,
  service: "postgresql",
  directory: config.get("certificateDirectory") ?? "/etc/ssl/postgresql",
  ...commands,
});
new acme.ServiceConfig("tls", {
  connection,
  service: "postgresql",
  path: `${config.get("configDirectory") ?? "/etc/postgresql/15/main/conf.d"}/tls.conf`,
  content: pulumi.interpolate`ssl = on
ssl_cert_file = '${paths.fullchain}'
ssl_key_file = '${paths.privateKey}'
ssl_min_protocol_version = 'TLSv1.2'
`,
  ...commands,
});

export const { fullchainPem, renewAt } = certificate;
