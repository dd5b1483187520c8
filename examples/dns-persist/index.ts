/**
 * dns-persist-01: one permanent record authorizes this account to obtain certificates for the domain and everything below
 * it. Orders and renewals change nothing in DNS.
 *
 *     pulumi config set directoryUrl …   # of a CA that offers it: the challenge is a draft
 *     pulumi config set domain example.com
 *     pulumi config set zoneId 0123456789abcdef0123456789abcdef
 *     pulumi config set --secret cloudflare:apiToken   # for @pulumi/cloudflare
 */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const domain = config.require("domain");
// For a private CA with its own DNS resolver. Default: this machine's resolvers, and the name servers of the zone.
const resolvers = config.getObject<string[]>("resolvers");

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.require("directoryUrl"),
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

// From now on the account key is enough to obtain certificates for the domain: protect the stack's state.
const { name, type, value } = account.persistentDnsRecord(domain, { wildcard: true });
const record = new cloudflare.DnsRecord("acme", {
  zoneId: config.require("zoneId"),
  name,
  type,
  // Cloudflare expects the content of a TXT record in quotation marks.
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
