/** The resource `AcmeDnsRegistration`. */
import * as pulumi from "@pulumi/pulumi";

import { dns01RecordName } from "../util/challenge";
import { normalizeDnsName } from "../util/names";
import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";

/** Arguments of an {@link AcmeDnsRegistration}. */
export interface AcmeDnsRegistrationArgs {
  /** URL of the server's API. `https`; plain `http` for a loopback host only. A change replaces the registration. */
  url: pulumi.Input<string>;
  /** The name whose challenges are delegated; its wildcard is, too. A change updates the record's name in place. */
  dnsName: pulumi.Input<string>;
  /**
   * Networks that the TXT record may be changed from, such as `"192.0.2.0/24"`. The order does not matter. The server takes
   * them at the registration only, so a change replaces it. Default: from everywhere.
   */
  allowFrom?: pulumi.Input<pulumi.Input<string>[]>;
}

/** What a registration returned: the arguments of `dns01: { acmeDns }`. */
export interface AcmeDnsCredentials {
  url: string;
  username: string;
  password: string;
  subdomain: string;
}

/** The CNAME record that delegates the challenges of a name. */
export interface DelegationRecord {
  /** `_acme-challenge.example.com`, without a trailing dot. */
  name: string;
  type: "CNAME";
  /** The name at the acme-dns server, without a trailing dot. */
  value: string;
}

/**
 * A subdomain at an [acme-dns](https://github.com/joohoi/acme-dns) server, registered once. With its `record` in the zone, the
 * challenges of a name are answered there, and the zone itself is not written to any more.
 *
 * Destroying it sends nothing: acme-dns cannot delete a registration.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 * import * as cloudflare from "@pulumi/cloudflare";
 *
 * declare const account: acme.AcmeAccount;
 * const delegation = new acme.AcmeDnsRegistration("example", {
 *   url: "https://auth.example.net",
 *   dnsName: "example.com",
 * });
 * const { name, type, value: content } = delegation.record;
 * const cname = new cloudflare.DnsRecord("example", { zoneId: "…", name, type, content, ttl: 300 });
 * const certificate = new acme.AcmeCertificate(
 *   "example",
 *   {
 *     account,
 *     dnsNames: ["example.com", "*.example.com"],
 *     solvers: [{ dns01: { acmeDns: delegation.credentials } }],
 *   },
 *   { dependsOn: cname },
 * );
 * ```
 */
export class AcmeDnsRegistration extends pulumi.CustomResource {
  /** The arguments of `dns01: { acmeDns }`. Secret. */
  declare readonly credentials: pulumi.Output<AcmeDnsCredentials>;
  /** The CNAME record to create. Its name and type are known in preview. */
  declare readonly record: pulumi.Output<DelegationRecord>;

  constructor(name: string, args: AcmeDnsRegistrationArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration(KIND, name, args, opts));
    const given: Partial<AcmeDnsRegistrationArgs> = args;
    // Of one Output each, so that a value that is not known yet does not make the name unknown.
    this.record = pulumi.output({
      name: pulumi.output(given.dnsName).apply(recordNameOf),
      type: "CNAME" as const,
      value: this.record.value,
    });
  }
}

/** What is no name is left to `check`. */
function recordNameOf(dnsName: unknown): string {
  const result = normalizeDnsName(String(dnsName));
  return dns01RecordName("value" in result ? result.value : String(dnsName));
}

const OUTPUTS: Declared<AcmeDnsRegistration> = {
  credentials: undefined,
  record: undefined,
};

const KIND: ResourceKind = {
  className: "AcmeDnsRegistration",
  handler: "acmeDnsRegistration",
  outputs: OUTPUTS,
  secretOutputs: ["credentials"],
};
