/** A certificate for a domain and its wildcard. The challenge records are resources of @pulumi/cloudflare. */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";
import { cloudflareRecords } from "pulumi-acme/cloudflare";

const config = new pulumi.Config();
const domain = config.require("domain");
// For a private CA with a DNS resolver of its own.
const resolvers = config.getObject<string[]>("resolvers");

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.require("directoryUrl"),
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const wildcard = new acme.DnsCertificate("wildcard", {
  account,
  dnsNames: [domain, `*.${domain}`],
  // Of another provider: ({ key, name, value }, opts) => new SomeDnsRecord(key, { … }, opts).
  createRecord: cloudflareRecords({ zoneId: config.require("zoneId") }),
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

// To install it on a server: new acme.CertificateDeployment("web", { certificate: wildcard.certificate, … }).
export const { fullchainPem, privateKeyPem } = wildcard;
export const { notAfter, renewAt } = wildcard.certificate;
