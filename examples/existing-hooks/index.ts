/**
 * dns-01 by hook scripts that you have already: one for lego's provider `exec`, and a pair for certbot's `--manual`. They run
 * as they are.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set dnsServer "ns1.example.com 53"
 *     pulumi config set --secret tsigKey   # hmac-sha256:<name> <secret>
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

// What the scripts read; it is secret, and on no command line.
const environment = {
  DNS_SERVER: config.require("dnsServer"),
  TSIG_KEY: config.requireSecret("tsigKey"),
};

// lego's contract: hook present|cleanup <record> <value>. Paths begin at the program's folder.
const legoHook = ["./hooks/lego.sh"];
// certbot has two hooks and no arguments: values are in CERTBOT_DOMAIN and CERTBOT_VALIDATION.
const certbotHooks = [
  "/bin/sh",
  "-c",
  'case "$1" in present) exec ./hooks/certbot-auth.sh ;; cleanup) exec ./hooks/certbot-cleanup.sh ;; esac',
  "certbot",
];

const certificate = new acme.AcmeCertificate("certificate", {
  account,
  dnsNames: config.requireObject<string[]>("names"),
  solvers: [
    { dns01: { exec: { command: legoHook, environment } } },
    {
      dnsNames: config.getObject<string[]>("certbotNames") ?? [],
      dns01: { exec: { command: certbotHooks, environment } },
    },
  ],
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

export const { fullchainPem, privateKeyPem, renewAt } = certificate;
