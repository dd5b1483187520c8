/**
 * dns-01 with your own name server: BIND, Knot, PowerDNS, or any other that accepts dynamic updates signed with TSIG.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set nameServer ns1.example.com
 *     tsig-keygen acme   # prints the key; the zone needs: update-policy { grant acme zonesub TXT; };
 *     pulumi config set --secret tsigSecret
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
