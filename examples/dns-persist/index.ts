/**
 * dns-persist-01: one record says that this account may have certificates for the domain and everything below it. It is
 * made once; orders and renewals change nothing in DNS any more.
 *
 *     pulumi config set directoryUrl …   # of a CA that offers it: the challenge is a draft yet
 *     pulumi config set domain example.com
 *     pulumi config set zoneId 0123456789abcdef0123456789abcdef
 *     pulumi config set --secret cloudflare:apiToken   # for @pulumi/cloudflare
 */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const domain = config.require("domain");
// For a private CA that asks a name server of its own; absent: this machine's, and all of the zone's own.
const resolvers = config.getObject<string[]>("resolvers");

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.require("directoryUrl"),
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

// Whoever has the account's key can now get certificates for the domain: guard the stack's state accordingly.
const { name, type, value } = account.persistentDnsRecord(domain, { wildcard: true });
const record = new cloudflare.DnsRecord("acme", {
  zoneId: config.require("zoneId"),
  name,
  type,
  // Cloudflare wants the text of a TXT record in quotation marks.
  content: pulumi.interpolate`"${value}"`,
  ttl: 3600,
});

const certificate = new acme.AcmeCertificate(
  "certificate",
  {
    account,
    dnsNames: [domain, `*.${domain}`],
    solvers: [{ dnsPersist01: {} }],
    propagation: resolvers && { check: "resolvers", resolvers },
    preflight: { resolvers },
  },
  { dependsOn: record },
);

export const { fullchainPem, privateKeyPem, renewAt } = certificate;
