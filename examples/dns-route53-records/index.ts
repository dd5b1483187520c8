/**
 * The challenges are record sets of your program, one for each name: the three steps that `DnsCertificate` takes, by hand.
 *
 *     pulumi config set --path 'names[0]' example.com
 *     pulumi config set --path 'names[1]' '*.example.com'
 *     pulumi config set hostedZoneId Z0123456789ABCDEFGHIJ
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";
import { Record } from "./record";

const config = new pulumi.Config();
const zoneId = config.require("hostedZoneId");
// For a private CA that asks a name server of its own; absent: this machine's, and all of the zone's own.
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

// Route 53 knows sets: a name and its wildcard share one. The list is known in a preview, its values once the order is.
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
