/** The resource `AcmeOrder`. */
import * as pulumi from "@pulumi/pulumi";

import type { RenewalFailure } from "./acme-certificate";
import type { AcmeOrderArgs } from "./acme-order-args";
import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";
import { dnsRecordSetsOf, dnsRecordsOf, httpResourcesOf, plainDnsNames } from "./challenge-records";
import type {
  ChallengeValue,
  DnsChallengeRecord,
  DnsChallengeRecordSet,
  HttpChallengeResource,
} from "./challenge-records";
import { pickAccount } from "./references";
import type { OrderChallenge } from "./references";

/**
 * An order at an ACME CA whose challenges are completed by other Pulumi resources: DNS records, or files.
 *
 * It provides the records as plain lists that are known in preview, with their values as outputs. An `AcmeCertificate` with
 * `order` completes it, in the same `pulumi up`. If the certificate is due, or the order cannot be completed, the order is
 * updated, and records and certificate follow. Destroying it sends nothing.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 * import * as cloudflare from "@pulumi/cloudflare";
 *
 * declare const account: acme.AcmeAccount;
 * const dnsNames = ["example.com", "*.example.com"];
 * const order = new acme.AcmeOrder("wild", { account, dnsNames, challenge: "dns-01" });
 * const records = order.dnsRecords.map(
 *   ({ key, name, type, value }) =>
 *     new cloudflare.DnsRecord(key, { zoneId: "…", name, type, content: value, ttl: 60 }),
 * );
 * const certificate = new acme.AcmeCertificate("wild", { account, order }, { dependsOn: records });
 * ```
 *
 * @see RFC 8555 §7.1.3, Order Objects
 */
export class AcmeOrder extends pulumi.CustomResource {
  /** URL of the order at the CA. */
  declare readonly orderUrl: pulumi.Output<string>;
  /** Last known status: `pending`, `ready`, `processing`, `valid` or `invalid`. */
  declare readonly status: pulumi.Output<string>;
  /** When the order expires, RFC 3339, if the CA says so. */
  declare readonly expires: pulumi.Output<string | undefined>;
  /** The first `pulumi up` after this places a new order, RFC 3339. Known once a refresh or an update has seen the certificate. */
  declare readonly renewAt: pulumi.Output<string | undefined>;
  /** Names and values of the records or files: one entry for each name. */
  declare readonly challenges: pulumi.Output<ChallengeValue[]>;
  /** DNS names of the order, as A-labels in lower case, sorted. */
  declare readonly dnsNames: pulumi.Output<string[]>;
  /** Challenge type for all names. */
  declare readonly challenge: pulumi.Output<OrderChallenge>;
  /** The profile that was asked for. */
  declare readonly profile: pulumi.Output<string | undefined>;
  /** How long before its end the certificate is renewed, where that was said. */
  declare readonly renewBefore: pulumi.Output<string | undefined>;
  /** Whether the CA says when to renew, where that was said. */
  declare readonly useRenewalInfo: pulumi.Output<boolean | undefined>;
  /** Whether it was placed because of the time alone: a failure is then a warning, as of every renewal. */
  declare readonly isRenewal: pulumi.Output<boolean>;
  /** The last renewal, if it failed. */
  declare readonly lastFailure: pulumi.Output<RenewalFailure | undefined>;

  /** With `dns-01`: one TXT record for each name, in the order of the argument. Otherwise empty. */
  readonly dnsRecords: DnsChallengeRecord[];
  /** With `dns-01`: the same, one entry for each record name. Otherwise empty. */
  readonly dnsRecordSets: DnsChallengeRecordSet[];
  /** With `http-01`: one file for each name, in the order of the argument. Otherwise empty. */
  readonly httpResources: HttpChallengeResource[];

  /**
   * @throws Error for names that are an Output: the lists of records are made from them.
   */
  constructor(name: string, args: AcmeOrderArgs, opts?: pulumi.CustomResourceOptions) {
    const given: Partial<AcmeOrderArgs> = args;
    const dnsNames = plainDnsNames(`AcmeOrder "${name}"`, given.dnsNames);
    const picked = { ...given, account: pickAccount(given.account) };
    super(...registration(KIND, name, picked, opts));
    const isDns = given.challenge === "dns-01";
    const isHttp = given.challenge === "http-01";
    this.dnsRecords = isDns ? dnsRecordsOf(name, dnsNames, this.challenges) : [];
    this.dnsRecordSets = isDns ? dnsRecordSetsOf(name, dnsNames, this.challenges) : [];
    this.httpResources = isHttp ? httpResourcesOf(name, dnsNames, this.challenges) : [];
  }
}

const OUTPUTS: Declared<AcmeOrder> = {
  orderUrl: undefined,
  status: undefined,
  expires: undefined,
  renewAt: undefined,
  challenges: undefined,
  dnsNames: undefined,
  challenge: undefined,
  profile: undefined,
  renewBefore: undefined,
  useRenewalInfo: undefined,
  isRenewal: undefined,
  lastFailure: undefined,
};

const KIND: ResourceKind = {
  className: "AcmeOrder",
  handler: "order",
  outputs: OUTPUTS,
  secretOutputs: [],
};
