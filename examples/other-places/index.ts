/**
 * One certificate in other places than files on a host.
 *
 *     pulumi config set name app.example.com
 *     pulumi config set --secret cloudflareToken   # permissions: Zone → Zone → Read, Zone → DNS → Edit
 */
// From their folders: the whole of such a package takes seconds to load.
import { Certificate as AcmCertificate } from "@pulumi/aws/acm";
import { Secret as DockerSecret } from "@pulumi/docker";
import { Secret as KubernetesSecret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { SecretV2 } from "@pulumi/vault/kv";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
});
const certificate = new acme.AcmeCertificate("certificate", {
  account,
  dnsNames: [config.require("name")],
  solvers: [{ dns01: { cloudflare: { apiToken: config.requireSecret("cloudflareToken") } } }],
});
const { certificatePem, issuerPem, fullchainPem } = certificate;
// It is absent only from a certificate for a CSR.
const privateKeyPem = certificate.privateKeyPem.apply((pem) => pem ?? "");

// For an Ingress or a Gateway. Its name stays, so that they need no change.
const secret = new KubernetesSecret("tls", {
  metadata: { name: "app-tls" },
  type: "kubernetes.io/tls",
  stringData: { "tls.crt": fullchainPem, "tls.key": privateKeyPem },
});

// For load balancers and CloudFront. A renewal is imported under the same ARN.
const imported = new AcmCertificate("tls", {
  certificateBody: certificatePem,
  certificateChain: issuerPem,
  privateKey: privateKeyPem,
});

const inVault = new SecretV2("tls", {
  mount: "secret",
  name: "app/tls",
  dataJson: pulumi.secret(pulumi.jsonStringify({ certificate: fullchainPem, key: privateKeyPem })),
});

// Secrets of Docker Swarm cannot be changed: each certificate is a new one, and the old one is removed last.
const inSwarm = new DockerSecret("tls", {
  name: pulumi.interpolate`app-tls-${certificate.serialNumber}`,
  data: certificate.bundlePem().apply((pem) => Buffer.from(pem).toString("base64")),
});

export const { renewAt } = certificate;
export const places = [secret.metadata.name, imported.arn, inVault.path, inSwarm.name];
