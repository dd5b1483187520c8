/**
 * A domain and everything directly below it, in one certificate. Only DNS can prove a wildcard; both names ask for a value
 * under the same record name, at the same time, and leave other values there alone.
 *
 *     pulumi config set domain example.com
 *     pulumi config set --secret cloudflareToken   # permissions: Zone → Zone → Read, Zone → DNS → Edit
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const domain = config.require("domain");
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
  // The wildcard alone would not be good for the domain itself.
  dnsNames: [domain, `*.${domain}`],
  solvers: [{ dns01: { cloudflare: { apiToken, apiUrl: config.get("cloudflareUrl") } } }],
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

export const { fullchainPem, privateKeyPem, renewAt } = certificate;
