/**
 * HTTPS with HAProxy.
 *
 *     pulumi config set --path 'names[0]' example.com
 *     pulumi config set host example.com
 *     pulumi config set sshHostKey "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const dnsNames = config.requireObject<string[]>("names");
const httpPort = config.getNumber("httpPort") ?? 80;
const httpsPort = config.getNumber("httpsPort") ?? 443;
const address = config.get("listenAddress") ?? "";
const backend = config.get("backend") ?? "127.0.0.1:3000";
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
const place = {
  connection,
  service: "haproxy",
  directory: config.get("certificateDirectory") ?? "/etc/ssl/haproxy",
  test: config.get("test"),
  reload: config.get("reload"),
} as const;

// HAProxy does not start without a certificate, and without HAProxy there would be none.
const standIn = new acme.CertificateDeployment("stand-in", { ...place, selfSigned: true });

const haproxy = new acme.ServiceConfig("haproxy", {
  connection,
  service: "haproxy",
  path: config.get("configFile") ?? "/etc/haproxy/haproxy.cfg",
  content: pulumi.interpolate`defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s

frontend http
  bind ${address}:${httpPort}
  http-request return status 200 content-type text/plain lf-string "%[path,field(4,/)].${account.thumbprint}" if { path_beg /.well-known/acme-challenge/ }
  http-request redirect scheme https code 301

frontend https
  bind ${address}:${httpsPort} ssl crt ${standIn.paths.bundle} alpn h2,http/1.1
  default_backend app

backend app
  server app ${backend}
`,
  test: place.test,
  reload: place.reload,
});

const certificate = new acme.AcmeCertificate(
  "certificate",
  {
    account,
    dnsNames,
    solvers: [{ http01: { stateless: true } }],
    preflight: { httpPort, resolvers: config.getObject<string[]>("resolvers") },
  },
  { dependsOn: haproxy },
);
const deployment = new acme.CertificateDeployment("certificate", { ...place, certificate });

export const { fullchainPem, renewAt } = certificate;
export const { paths } = deployment;
