/**
 * A domain and its wildcard in one certificate. Wildcards can only be validated with DNS. Both names add a value to the
 * same TXT record; other values of the record stay.
 *
 *     pulumi config set domain example.com
 *     pulumi config set --secret cloudflareToken   # permissions: Zone → Zone → Read, Zone → DNS → Edit
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const domain = config.require("domain");
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
  // The wildcard does not match the domain itself.
  dnsNames: [domain, `*.${domain}`],
  solvers: [{ dns01: { cloudflare: { apiToken, apiUrl: config.get("cloudflareUrl") } } }],
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

export const { fullchainPem, privateKeyPem, renewAt } = certificate;
