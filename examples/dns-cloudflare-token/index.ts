/**
 * A certificate validated with dns-01: the names need no public address and no open port.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set --secret cloudflareToken   # permissions: Zone → Zone → Read, Zone → DNS → Edit
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
// For a private CA with its own DNS resolver. Default: this machine's resolvers, and the name servers of the zone.
const resolvers = config.getObject<string[]>("resolvers");

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const apiToken = config.requireSecret("cloudflareToken");
const certificate = new acme.AcmeCertificate("certificate", {
  account,
  dnsNames: config.requireObject<string[]>("names"),
  solvers: [{ dns01: { cloudflare: { apiToken, apiUrl: config.get("cloudflareUrl") } } }],
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

export const { fullchainPem, privateKeyPem, renewAt } = certificate;
