/** The component `DnsCertificate`. */
import * as pulumi from "@pulumi/pulumi";

import { AcmeCertificate } from "../resources/acme-certificate";
import { AcmeOrder } from "../resources/acme-order";
import { sha256Of } from "../util/sha256";
import type { DnsCertificateArgs, RecordCreators } from "./dns-certificate-args";

/**
 * A certificate validated with dns-01, with TXT records of your own DNS provider: an order, a record for each name, and
 * the certificate, in one `pulumi up`, renewals included.
 *
 * It can be used wherever a certificate can, for example as `certificate` of a `CertificateDeployment`.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 * import { cloudflareRecords } from "pulumi-acme/cloudflare";
 *
 * declare const account: acme.AcmeAccount;
 * const certificate = new acme.DnsCertificate("wild", {
 *   account,
 *   dnsNames: ["example.com", "*.example.com"],
 *   createRecord: cloudflareRecords({ zoneId: "…" }),
 * });
 * ```
 */
export class DnsCertificate extends pulumi.ComponentResource {
  /** The order: it decides when to renew. */
  readonly order: AcmeOrder;
  /** The results of `createRecord` or `createRecordSet`, in the order of `dnsNames`. */
  readonly records: pulumi.Resource[];
  readonly certificate: AcmeCertificate;
  /** The leaf, then the intermediates, in PEM. */
  readonly fullchainPem: pulumi.Output<string>;
  /** The private key, PKCS#8 in PEM. Secret. */
  readonly privateKeyPem: pulumi.Output<string | undefined>;
  /** The leaf, in PEM. */
  readonly certificatePem: pulumi.Output<string>;
  /** The intermediates, in PEM. */
  readonly issuerPem: pulumi.Output<string>;

  constructor(name: string, args: DnsCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acme:index:DnsCertificate", name, {}, opts);
    const { createRecord, createRecordSet, ...settings } = args;
    const { account, dnsNames, triggers, ...others } = settings;
    const { profile, profileRequired, notBefore, notAfter, ...further } = others;
    const { renewBefore, useRenewalInfo, ...certificate } = further;
    const parent = { parent: this };

    this.order = new AcmeOrder(
      name,
      {
        account,
        dnsNames,
        challenge: "dns-01",
        profile,
        profileRequired,
        notBefore,
        notAfter,
        renewBefore,
        useRenewalInfo,
        triggers: withKeySettings(triggers, args),
      },
      parent,
    );
    this.records = recordsOf(name, this.order, { createRecord, createRecordSet }, parent);
    this.certificate = new AcmeCertificate(
      name,
      { ...certificate, account, order: this.order },
      { ...parent, dependsOn: this.records },
    );
    this.fullchainPem = this.certificate.fullchainPem;
    this.privateKeyPem = this.certificate.privateKeyPem;
    this.certificatePem = this.certificate.certificatePem;
    this.issuerPem = this.certificate.issuerPem;
    const { fullchainPem, privateKeyPem, certificatePem, issuerPem } = this;
    this.registerOutputs({ fullchainPem, privateKeyPem, certificatePem, issuerPem });
  }
}

/** @throws Error for none or both of `createRecord` and `createRecordSet`, which does not compile */
function recordsOf(
  name: string,
  order: AcmeOrder,
  { createRecord, createRecordSet }: Partial<RecordCreators>,
  parent: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  if (createRecord !== undefined && createRecordSet === undefined) {
    return order.dnsRecords.map((record) => createRecord(record, { ...parent }));
  }
  if (createRecordSet !== undefined && createRecord === undefined) {
    return order.dnsRecordSets.map((set) => createRecordSet(set, { ...parent }));
  }
  throw new Error(
    `DnsCertificate "${name}": exactly one of createRecord and createRecordSet must be given`,
  );
}

/** An order is good for one key: whatever changes the key, or what is signed with it, orders anew. */
function withKeySettings(
  triggers: DnsCertificateArgs["triggers"],
  { keyType, privateKeyPem, commonName, mustStaple }: DnsCertificateArgs,
): pulumi.Output<unknown[]> {
  const key = pulumi.output(privateKeyPem).apply(digestOf);
  return pulumi
    .all([triggers, keyType, key, commonName, mustStaple])
    .apply(([own = [], ...settings]) => {
      const [type = "P256", digest = null, subject = null, staple = false] = settings;
      return [...own, { keyType: type, key: digest, commonName: subject, mustStaple: staple }];
    });
}

/** The key itself must not lie in one more place. */
function digestOf(pem: string | undefined): string | undefined {
  return pem === undefined ? undefined : sha256Of(pem, "base64url");
}
