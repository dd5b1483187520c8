/**
 * A certificate by dns-01: for names that need no address, let alone an open port.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set --secret cloudflareToken   # permissions: Zone → Zone → Read, Zone → DNS → Edit
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
// For a private CA that asks a name server of its own; absent: this machine's, and all of the zone's own.
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
