/**
 * The challenge records are resources of your program, so pulumi-acme needs no DNS credentials. Order, records and
 * certificate are created by one `pulumi up`, and so is every renewal.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set zoneId 0123456789abcdef0123456789abcdef
 *     pulumi config set --secret cloudflare:apiToken   # for @pulumi/cloudflare
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";
import { cloudflareRecords } from "pulumi-acme/cloudflare";

const config = new pulumi.Config();
// For a private CA with its own DNS resolver. Default: this machine's resolvers, and the name servers of the zone.
const resolvers = config.getObject<string[]>("resolvers");

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const certificate = new acme.DnsCertificate("certificate", {
  account,
  dnsNames: config.requireObject<string[]>("names"),
  createRecord: cloudflareRecords({ zoneId: config.require("zoneId") }),
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

export const { fullchainPem, privateKeyPem } = certificate;
export const { renewAt } = certificate.certificate;
