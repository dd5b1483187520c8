/** The arguments of hooks, which http-01 and dns-01 share. */
import type * as pulumi from "@pulumi/pulumi";

/** A program that is called to present and to clean up. */
export interface HookArgs {
  /** The program and its first arguments. No shell. */
  command: pulumi.Input<pulumi.Input<string>[]>;
  /** Additional environment variables, for example credentials. Secret. */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Timeout of one call. Default: `"2m"`. */
  timeout?: pulumi.Input<string>;
}

/** A service that is called to present and to clean up. */
export interface WebhookArgs {
  url: pulumi.Input<string>;
  /** For basic authentication. */
  username?: pulumi.Input<string>;
  /** Secret. */
  password?: pulumi.Input<string>;
}
