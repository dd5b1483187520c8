/**
 * One certificate for the services of a mail server. Each is tested and reloaded when it is renewed.
 *
 *     pulumi config set --path 'names[0]' mail.example.com
 *     pulumi config set --path 'names[1]' chat.example.com
 *     pulumi config set host mail.example.com
 *     pulumi config set sshHostKey "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const names = config.requireObject<string[]>("names");
const port = config.getNumber("httpPort") ?? 80;
const etc = config.get("etc") ?? "/etc";
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
  dnsNames: names,
  // Nothing listens on port 80 of a mail server: it is forwarded to here while the CA validates.
  solvers: [{ http01: { tunnel: { connection, port } } }],
  preflight: { httpPort: port, resolvers: config.getObject<string[]>("resolvers") },
});

const { paths } = new acme.CertificateDeployment("certificate", {
  certificate,
  connection,
  service: ["postfix", "dovecot", "coturn", "prosody"],
  directory: config.get("certificateDirectory") ?? "/etc/ssl/mail",
  files: [
    { path: "fullchain.pem", content: "fullchain" },
    // Postfix and Dovecot read it as root.
    { path: "privkey.pem", content: "privateKey", acl: ["u:turnserver:r", "u:prosody:r"] },
  ],
  readableBy: ["turnserver", "prosody"],
  ...commands,
});

new acme.ServiceConfig("dovecot", {
  connection,
  service: "dovecot",
  path: `${etc}/dovecot/conf.d/99-tls.conf`,
  content: pulumi.interpolate`ssl = required
ssl_cert = <${paths.fullchain}
ssl_key = <${paths.privateKey}
`,
  ...commands,
});
new acme.ServiceConfig("prosody", {
  connection,
  service: "prosody",
  path: `${etc}/prosody/conf.d/tls.cfg.lua`,
  commentPrefix: false,
  content: pulumi.interpolate`ssl = { certificate = "${paths.fullchain}", key = "${paths.privateKey}" }
`,
  ...commands,
});

/** For `postconf -e` and /etc/turnserver.conf, which are one file each. */
export const settings = pulumi.interpolate`smtpd_tls_chain_files = ${paths.privateKey}, ${paths.fullchain}
cert=${paths.fullchain}
pkey=${paths.privateKey}`;
export const { fullchainPem, renewAt } = certificate;
