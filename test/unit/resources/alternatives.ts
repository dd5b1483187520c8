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
declare const order: acme.AcmeOrder;
declare const createRecord: acme.CreateRecord;
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

export const orders: pulumi.Input<acme.OrderReference>[] = [
  order,
  stack.requireOutput("order"),
  { orderUrl: "u", dnsNames: ["example.com"], challenge: "dns-01" },
  // @ts-expect-error -- an order has a kind of challenge
  { orderUrl: "u", dnsNames: ["example.com"] },
];

const dnsNames = ["example.com", "*.example.com"];

export const orderArgs: acme.AcmeOrderArgs[] = [
  { account, dnsNames, challenge: "dns-01" },
  // @ts-expect-error -- records are made from the names before anything runs
  { account, dnsNames: pulumi.output(dnsNames), challenge: "dns-01" },
  // @ts-expect-error -- so are they from a single one
  { account, dnsNames: [pulumi.output("example.com")], challenge: "dns-01" },
  // @ts-expect-error -- not a challenge that data can answer
  { account, dnsNames, challenge: "tls-alpn-01" },
];

export const dnsCertificates: acme.DnsCertificateArgs[] = [
  { account, dnsNames, createRecord, keyPolicy: "reuse", preferredChain: "Root" },
  // @ts-expect-error -- somebody has to make the records
  { account, dnsNames },
  // @ts-expect-error -- two ways of proving
  { account, dnsNames, createRecord, solvers },
  // @ts-expect-error -- it has an order of its own
  { account, dnsNames, createRecord, order },
  // @ts-expect-error -- an address has no DNS record
  { account, dnsNames, createRecord, ipAddresses: ["192.0.2.1"] },
  // @ts-expect-error -- the key is the component's
  { account, dnsNames, createRecord, certificateRequestPem: "PEM" },
  // @ts-expect-error -- an order belongs to one account
  { account, dnsNames, createRecord, fallbackAccounts: [account] },
  // @ts-expect-error -- no record
  { account, dnsNames, createRecord: () => undefined },
];

export const deployments: acme.CertificateDeploymentArgs[] = [
  { connection: "local", certificate: { fullchainPem: "PEM" } },
  { connection: "local", selfSigned: true },
  { connection: "local", selfSigned: true, certificate: undefined },
  // @ts-expect-error -- nothing to deploy
  { connection: "local" },
];

declare const dnsCertificate: acme.DnsCertificate;
export const dnsCertificateReference: pulumi.Input<acme.CertificateReference> = dnsCertificate;

// The words of the public types are those that the implementation knows.
declare const reason: acme.RevocationReason;
declare const issuanceReason: issuance.RevocationReason;
declare const keyType: acme.KeyType;
declare const issuanceKeyType: NonNullable<issuance.CertificateArguments["keyType"]>;

export const reasons: issuance.RevocationReason[] = [reason];
export const issuanceReasons: acme.RevocationReason[] = [issuanceReason];
export const keyTypes: issuance.CertificateArguments["keyType"][] = [keyType];
export const issuanceKeyTypes: acme.KeyType[] = [issuanceKeyType];
