/**
 * dns-01 with a name server of your own: BIND, Knot, PowerDNS, anything that takes dynamic updates signed by a key.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set nameServer ns1.example.com
 *     tsig-keygen acme   # prints the key; the zone needs: update-policy { grant acme zonesub TXT; };
 *     pulumi config set --secret tsigSecret
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

const rfc2136: acme.Rfc2136DnsArgs = {
  server: config.require("nameServer"),
  keyName: config.get("tsigName") ?? "acme",
  keySecret: config.requireSecret("tsigSecret"),
};

const certificate = new acme.AcmeCertificate("certificate", {
  account,
  dnsNames: config.requireObject<string[]>("names"),
  solvers: [{ dns01: { rfc2136 } }],
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

export const { fullchainPem, privateKeyPem, renewAt } = certificate;
