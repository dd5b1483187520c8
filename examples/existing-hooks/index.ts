/**
 * dns-01 with existing hook scripts: one for lego's `exec` provider, and a pair for certbot's `--manual`. They run
 * unchanged.
 *
 *     pulumi config set --path 'names[0]' intranet.example.com
 *     pulumi config set dnsServer "ns1.example.com 53"
 *     pulumi config set --secret tsigKey   # hmac-sha256:<name> <secret>
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

// The environment of the scripts. It is secret, and not visible on any command line.
const environment = {
  DNS_SERVER: config.require("dnsServer"),
  TSIG_KEY: config.requireSecret("tsigKey"),
};

// lego's interface: hook present|cleanup <record> <value>. Paths are relative to the program's folder.
const legoHook = ["./hooks/lego.sh"];
// certbot has two hooks without arguments; they read CERTBOT_DOMAIN and CERTBOT_VALIDATION.
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
