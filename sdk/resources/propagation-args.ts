/** How DNS records are waited for. */
import type * as pulumi from "@pulumi/pulumi";

/** Where DNS records must be visible before the CA is asked to validate, and how long that may take. */
export interface PropagationArgs {
  /**
   * `"authoritative"`: all name servers of the zone; `"resolvers"`: `resolvers`, else this machine's; `"none"`: none is
   * asked. Default: `"authoritative"`.
   */
  check?: pulumi.Input<"authoritative" | "resolvers" | "none">;
  /** Resolvers to ask instead of this machine's, as `ip:port` or as the URL of DNS over HTTPS (RFC 8484). */
  resolvers?: pulumi.Input<pulumi.Input<string>[]>;
  /** How long to wait before the first question; with `"none"` the whole wait. Default: no time. */
  delay?: pulumi.Input<string>;
  /** How long to ask. Default: `"2m"`. */
  timeout?: pulumi.Input<string>;
}
