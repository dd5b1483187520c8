/**
 * The challenge records are record sets of your program: the three steps of `DnsCertificate`, written out.
 *
 *     pulumi config set --path 'names[0]' example.com
 *     pulumi config set --path 'names[1]' '*.example.com'
 *     pulumi config set hostedZoneId Z0123456789ABCDEFGHIJ
 */
import { Record } from "@pulumi/aws/route53";
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const zoneId = config.require("hostedZoneId");
// For a private CA with its own DNS resolver. Default: this machine's resolvers, and the name servers of the zone.
const resolvers = config.getObject<string[]>("resolvers");

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const order = new acme.AcmeOrder("order", {
  account,
  dnsNames: config.requireObject<string[]>("names"),
  challenge: "dns-01",
});

// Route 53 has record sets: a name and its wildcard share one. The list is known in a preview, the values are not.
const records = order.dnsRecordSets.map(
  ({ key, name, type, values }) =>
    new Record(key, { zoneId, name, type, ttl: 60, records: values }),
);

const certificate = new acme.AcmeCertificate(
  "certificate",
  {
    account,
    order,
    propagation: resolvers && { check: "resolvers", resolvers },
    preflight: { resolvers },
  },
  { dependsOn: records },
);

export const { fullchainPem, privateKeyPem, renewAt } = certificate;
