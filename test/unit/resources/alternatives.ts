/** Programs that must not compile, and some that must: the compiler is the test (`npm run typecheck`). */
import * as pulumi from "@pulumi/pulumi";

import type * as acme from "../../../sdk";
import type * as issuance from "../../../sdk/issuance/arguments";

const path = "/var/www";
const config = new pulumi.Config();

export const solvers: acme.SolverArgs[] = [
  { http01: { stateless: true } },
  { http01: { stateless: config.requireBoolean("stateless") }, dnsZones: ["example.com"] },
  {
    http01: { webroot: { path, connection: [{ host: "a", hostKey: "k" }] } },
    dnsNames: ["example.com"],
  },
  pulumi.output({ http01: { listener: {} } }).get(),
  // @ts-expect-error -- two ways of answering at once
  { http01: { stateless: true, webroot: { path } } },
  // @ts-expect-error -- no way of answering
  { http01: {} },
  // @ts-expect-error -- no way of proving
  { dnsNames: ["example.com"] },
  // @ts-expect-error -- an unknown way of proving
  { https01: { stateless: true } },
];

export const challenges: acme.NginxChallengeArgs[] = [
  { thumbprint: pulumi.output("t") },
  // @ts-expect-error -- two answers at once
  { thumbprint: "t", webroot: path },
  // @ts-expect-error -- no answer
  {},
];

declare const account: acme.AcmeAccount;
declare const certificate: acme.AcmeCertificate;
declare const deployment: acme.CertificateDeployment;
declare const stack: pulumi.StackReference;

export const accounts: pulumi.Input<acme.AccountReference>[] = [
  account,
  pulumi.output(account),
  stack.requireOutput("account"),
  { directoryUrl: "u", accountUrl: "u", accountKeyPem: "k" },
  // @ts-expect-error -- an account has a key
  { directoryUrl: "u", accountUrl: "u" },
];

export const certificates: pulumi.Input<acme.CertificateReference>[] = [
  certificate,
  { fullchainPem: "PEM" },
  // @ts-expect-error -- a certificate has a chain
  { privateKeyPem: "PEM" },
];

export const tls: acme.NginxTlsArgs = {
  certificate: deployment.paths.fullchain,
  certificateKey: [deployment.paths.privateKey, path],
};

// The words of the public types are those that the implementation knows.
declare const reason: acme.RevocationReason;
declare const issuanceReason: issuance.RevocationReason;
declare const keyType: acme.KeyType;
declare const issuanceKeyType: NonNullable<issuance.CertificateArguments["keyType"]>;

export const reasons: issuance.RevocationReason[] = [reason];
export const issuanceReasons: acme.RevocationReason[] = [issuanceReason];
export const keyTypes: issuance.CertificateArguments["keyType"][] = [keyType];
export const issuanceKeyTypes: acme.KeyType[] = [issuanceKeyType];
