/** Arguments of the resource `AcmeOrder`. */
import type * as pulumi from "@pulumi/pulumi";

import type { AccountReference, OrderChallenge } from "./references";

/** Arguments of an {@link AcmeOrder}. No change replaces the resource; what changes the certificate places a new order. */
export interface AcmeOrderArgs {
  /** The account that orders; the certificate has to have the same one. A change to another CA orders anew. */
  account: pulumi.Input<AccountReference>;
  /**
   * DNS names, in Unicode or punycode, any case. Plain texts, because the lists of records are made from them before
   * anything runs. A set. A change orders anew. At most 100.
   */
  dnsNames: readonly string[];
  /** How all of the names are proven. Wildcards need `"dns-01"`. A change orders anew. */
  challenge: OrderChallenge;
  /** A profile that the CA offers, see the account's `profiles`. A change orders anew. Default: the CA's. */
  profile?: pulumi.Input<string | undefined>;
  /** Fail where the CA does not offer `profile`. Default: false: it is dropped, with a warning. */
  profileRequired?: pulumi.Input<boolean | undefined>;
  /** Start of validity, RFC 3339, where the CA allows to ask for it. A change orders anew. Default: the CA's. */
  notBefore?: pulumi.Input<string | undefined>;
  /** End of validity, RFC 3339, where the CA allows to ask for it. A change orders anew. Default: the CA's. */
  notAfter?: pulumi.Input<string | undefined>;
  /**
   * How long before its end the certificate is renewed: `"30d"`, or `"33%"` of its lifetime. Default: a third of the lifetime,
   * half of one below ten days.
   */
  renewBefore?: pulumi.Input<string | undefined>;
  /**
   * Let the CA say when to renew (ARI, RFC 9773). Never later than a `renewBefore` that is given, nor than a sixth of the
   * lifetime before the end. Default: true.
   */
  useRenewalInfo?: pulumi.Input<boolean | undefined>;
  /** Any change of these orders anew. Default: none. */
  triggers?: pulumi.Input<unknown[]>;
}
