/** Arguments of the resource `AcmeOrder`. */
import type * as pulumi from "@pulumi/pulumi";

import type { AccountReference, OrderChallenge } from "./references";

/** Arguments of an {@link AcmeOrder}. No change replaces the resource; what changes the certificate places a new order. */
export interface AcmeOrderArgs {
  /** The account that places the order; the certificate must use the same one. A change to another CA places a new order. */
  account: pulumi.Input<AccountReference>;
  /**
   * DNS names, in Unicode or punycode, in any case and order. Plain strings, because the lists of records are built from them
   * before anything runs. A change places a new order. At most 100.
   */
  dnsNames: readonly string[];
  /** Challenge type for all names. Wildcards require `"dns-01"`. A change places a new order. */
  challenge: OrderChallenge;
  /** A profile that the CA offers, see the account's `profiles`. A change places a new order. Default: the CA's. */
  profile?: pulumi.Input<string | undefined>;
  /** Fail if the CA does not offer `profile`. Default: false: the profile is ignored with a warning. */
  profileRequired?: pulumi.Input<boolean | undefined>;
  /** Start of validity, RFC 3339, if the CA supports it. A change places a new order. Default: the CA's. */
  notBefore?: pulumi.Input<string | undefined>;
  /** End of validity, RFC 3339, if the CA supports it. A change places a new order. Default: the CA's. */
  notAfter?: pulumi.Input<string | undefined>;
  /**
   * How long before its end the certificate is renewed: `"30d"`, or `"33%"` of its lifetime. Default: a third of the lifetime,
   * half of one below ten days.
   */
  renewBefore?: pulumi.Input<string | undefined>;
  /**
   * Renew when the CA suggests (ARI, RFC 9773), but not later than a `renewBefore` that is given, nor than a sixth of the
   * lifetime before the end. Default: true.
   */
  useRenewalInfo?: pulumi.Input<boolean | undefined>;
  /** Any values; a change places a new order. Default: none. */
  triggers?: pulumi.Input<unknown[]>;
}
