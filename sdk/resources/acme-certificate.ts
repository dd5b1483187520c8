/** The resource `AcmeCertificate`. */
import * as pulumi from "@pulumi/pulumi";

import type { AcmeCertificateArgs } from "./acme-certificate-args";
import { registration, shortenStackTraces } from "./base";
import type { Declared, ResourceKind } from "./base";
import { certificateFact } from "./certificate-facts";
import type { CertificateFacts } from "./certificate-facts";
import { pickAccount, pickAccounts, pickOrder } from "./references";
import { tlsaRecordFor } from "./tlsa";
import type { TlsaRecord } from "./tlsa";

/** When the CA suggests to renew a certificate. RFC 9773. */
export interface RenewalInfo {
  /** The certificate's identifier, RFC 9773 §4.1. */
  certId: string;
  /** Start of the CA's window, RFC 3339. */
  windowStart: string;
  /** End of the CA's window, RFC 3339. */
  windowEnd: string;
  /** URL of a page that gives the reason, if the CA has one. */
  explanationUrl?: string;
  /** When the CA was asked, RFC 3339. */
  checkedAt: string;
  /** The CA is not asked again before this, RFC 3339. */
  nextCheckAt: string;
}

/** A renewal that failed while the certificate is still valid. */
export interface RenewalFailure {
  /** When, RFC 3339. */
  at: string;
  /** Which name, which step, and what the CA or the host answered. */
  message: string;
  /** The next attempt is not made before this, RFC 3339. */
  nextAttemptAt: string;
}

/**
 * A certificate from an ACME CA, and its private key.
 *
 * The first `pulumi up` after `renewAt` renews it; before that, `pulumi up` sends nothing. A failed renewal is a warning while
 * enough validity is left. Every change is an update in place.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 *
 * declare const account: acme.AcmeAccount;
 * const certificate = new acme.AcmeCertificate("web", {
 *   account,
 *   dnsNames: ["example.com", "www.example.com"],
 *   solvers: [{ http01: { webroot: { path: "/var/www/html" } } }],
 * });
 * ```
 *
 * @see RFC 8555 §7.4, Applying for Certificate Issuance
 */
export class AcmeCertificate extends pulumi.CustomResource {
  /** The leaf, then the intermediates, in PEM. */
  declare readonly fullchainPem: pulumi.Output<string>;
  /** The private key, PKCS#8 in PEM. Absent with `certificateRequestPem`. Secret. */
  declare readonly privateKeyPem: pulumi.Output<string | undefined>;
  /** DNS names of the certificate, as A-labels in lower case, sorted. */
  declare readonly dnsNames: pulumi.Output<string[]>;
  /** IP addresses of the certificate, in their canonical text, sorted. */
  declare readonly ipAddresses: pulumi.Output<string[]>;
  /** Start of validity, RFC 3339. */
  declare readonly notBefore: pulumi.Output<string>;
  /** End of validity, RFC 3339. */
  declare readonly notAfter: pulumi.Output<string>;
  /** The first `pulumi up` after this renews, RFC 3339. */
  declare readonly renewAt: pulumi.Output<string>;
  /** URL of the certificate at the CA. Absent for an adopted one. */
  declare readonly certificateUrl: pulumi.Output<string | undefined>;
  /** The profile that it was issued with. */
  declare readonly profile: pulumi.Output<string | undefined>;
  /** URL of the account that it was issued to. Absent for an adopted one. */
  declare readonly issuedBy: pulumi.Output<string | undefined>;
  /** When the CA suggests to renew, if it does. */
  declare readonly renewalInfo: pulumi.Output<RenewalInfo | undefined>;
  /** The last renewal, if it failed. */
  declare readonly lastFailure: pulumi.Output<RenewalFailure | undefined>;
  /** Certificate, chain and key as PKCS#12, base64, with `pkcs12Password`. Secret. */
  declare readonly pkcs12: pulumi.Output<string | undefined>;

  constructor(name: string, args: AcmeCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    const given: Partial<AcmeCertificateArgs> = args;
    const picked = {
      ...given,
      account: pickAccount(given.account),
      fallbackAccounts: pickAccounts(given.fallbackAccounts),
      order: pickOrder(given.order),
    };
    const resume = shortenStackTraces();
    try {
      super(...registration(KIND, name, picked, opts));
    } finally {
      resume();
    }
  }

  /** The leaf, in PEM. */
  get certificatePem(): pulumi.Output<string> {
    return factOf(this, "certificatePem");
  }
  /** The intermediates, in PEM; empty where the CA sends none. */
  get issuerPem(): pulumi.Output<string> {
    return factOf(this, "issuerPem");
  }
  /** Serial number, lower-case hex. */
  get serialNumber(): pulumi.Output<string> {
    return factOf(this, "serialNumber");
  }
  /** SHA-256 of the leaf's DER, lower-case hex. */
  get fingerprintSha256(): pulumi.Output<string> {
    return factOf(this, "fingerprintSha256");
  }
  /** SHA-256 of the public key (SubjectPublicKeyInfo), base64: for pinning. */
  get publicKeySha256(): pulumi.Output<string> {
    return factOf(this, "publicKeySha256");
  }
  /** Common name of the issuer. */
  get issuerCommonName(): pulumi.Output<string> {
    return factOf(this, "issuerCommonName");
  }

  /**
   * Full chain and private key in one text, as HAProxy reads it. Secret.
   *
   * @throws Error (in the Output) for a certificate without a key: one from `certificateRequestPem`.
   */
  bundlePem(): pulumi.Output<string> {
    const bundle = pulumi.all([this.fullchainPem, this.privateKeyPem]).apply(([chain, key]) => {
      if (key === undefined) {
        throw new Error(
          "bundlePem: there is no private key, because the certificate was made from certificateRequestPem",
        );
      }
      return chain + key;
    });
    return pulumi.secret(bundle);
  }

  /**
   * The TLSA record for DANE that pins the certificate's public key at `port`. With `keyPolicy: "reuse"` it stays the same over
   * renewals.
   *
   * @param host - Default: the first of the certificate's names that is no wildcard.
   * @throws Error (in the Output) when there is no such name.
   * @see RFC 6698, RFC 7671
   */
  tlsaRecord(port: pulumi.Input<number>, host?: pulumi.Input<string>): pulumi.Output<TlsaRecord> {
    return pulumi
      .all([port, host, this.dnsNames, this.publicKeySha256])
      .apply(([number, name, dnsNames, digest]) => tlsaRecordFor(number, name, dnsNames, digest));
  }
}

function factOf(
  { fullchainPem }: AcmeCertificate,
  name: keyof CertificateFacts,
): pulumi.Output<string> {
  return fullchainPem.apply((pem) => certificateFact(name, pem));
}

const OUTPUTS: Declared<AcmeCertificate, keyof CertificateFacts> = {
  fullchainPem: undefined,
  privateKeyPem: undefined,
  dnsNames: undefined,
  ipAddresses: undefined,
  notBefore: undefined,
  notAfter: undefined,
  renewAt: undefined,
  certificateUrl: undefined,
  profile: undefined,
  issuedBy: undefined,
  renewalInfo: undefined,
  lastFailure: undefined,
  pkcs12: undefined,
};

const KIND: ResourceKind = {
  className: "AcmeCertificate",
  handler: "certificate",
  outputs: OUTPUTS,
  secretOutputs: ["privateKeyPem", "pkcs12"],
};
