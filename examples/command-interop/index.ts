/**
 * One certificate, brought to a host by `@pulumi/command`, and by a deployment with a command after it.
 *
 *     pulumi config set name app.example.com
 *     pulumi config set nameServer ns1.example.com
 *     pulumi config set --secret tsigSecret
 *     pulumi config set host app.example.com
 *     pulumi config set sshHostKey "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const directory = config.get("directory") ?? "/etc/ssl";
const reload = config.get("reload") ?? "systemctl reload my-service";
const resolvers = config.getObject<string[]>("resolvers");

// The same object for both packages.
const connection = {
  host: config.require("host"),
  port: config.getNumber("sshPort") ?? 22,
  user: config.get("sshUser") ?? "root",
  privateKey: config.requireSecret("sshPrivateKey"),
  hostKey: config.require("sshHostKey"),
};

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});
const certificate = new acme.AcmeCertificate("certificate", {
  account,
  dnsNames: [config.require("name")],
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

// 1. Commands alone. A renewal changes the fingerprint, and with it the triggers.
const triggers = [certificate.fingerprintSha256];
const chain = new command.remote.CopyToRemote("chain", {
  connection,
  source: certificate.fullchainPem.apply((pem) => new pulumi.asset.StringAsset(pem)),
  remotePath: `${directory}/by-command.pem`,
  triggers,
});
const bundle = new command.remote.Command("bundle", {
  connection,
  // Chain and key, through standard input: other users of the host can see command lines.
  stdin: certificate.bundlePem(),
  // No `delete`: a renewal replaces this resource, and what the old one deletes is deleted after the new one has written.
  create: `umask 077 && cat > ${directory}/by-command.bundle.pem`,
  triggers,
});
new command.remote.Command(
  "reload",
  { connection, create: reload, triggers },
  { dependsOn: [chain, bundle] },
);

// 2. A deployment, and a command after it.
const deployment = new acme.CertificateDeployment("deployment", {
  certificate,
  connection,
  directory: `${directory}/by-deployment`,
  reload,
});
new command.remote.Command("announce", {
  connection,
  create: pulumi.interpolate`logger "the certificate is in ${deployment.paths.fullchain}"`,
  triggers: [deployment.fingerprintSha256],
});

export const { fullchainPem, renewAt } = certificate;
