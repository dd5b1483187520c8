/**
 * The challenges are DNS records of your program: pulumi-acme holds no credentials for DNS. Order, records and certificate
 * are one `pulumi up`, and so is every renewal.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set zoneId 0123456789abcdef0123456789abcdef
 *     pulumi config set --secret cloudflare:apiToken   # for @pulumi/cloudflare
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";
import { cloudflareRecords } from "pulumi-acme/cloudflare";

const config = new pulumi.Config();
// For a private CA that asks a name server of its own; absent: this machine's, and all of the zone's own.
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
