/** How to reach a host by SSH. */
import type * as pulumi from "@pulumi/pulumi";

/**
 * How to reach a host by SSH. The names are those of `@pulumi/command`'s, so that one object serves both.
 *
 * Either `hostKey` or `knownHosts` is required. A connection to a host with another key is refused.
 */
export interface ConnectionArgs {
  /** Name or address of the host. */
  host: pulumi.Input<string>;
  /** TCP port. Default: 22. */
  port?: pulumi.Input<number>;
  /** User to log in as. Default: `"root"`. */
  user?: pulumi.Input<string>;
  /** Password to log in with. Secret. */
  password?: pulumi.Input<string>;
  /** Private key to log in with, in PEM or OpenSSH's format. Secret. */
  privateKey?: pulumi.Input<string>;
  /** Passphrase of an encrypted `privateKey`. Secret. */
  privateKeyPassword?: pulumi.Input<string>;
  /** Path of an SSH agent's socket on this machine. Default: none; `SSH_AUTH_SOCK` is not used. */
  agentSocketPath?: pulumi.Input<string>;
  /**
   * The host's public key, as in an `authorized_keys` file: `ssh-ed25519 AAAA…`. Several lines for several keys.
   */
  hostKey?: pulumi.Input<string>;
  /** The text of a `known_hosts` file, hashed names included. */
  knownHosts?: pulumi.Input<string>;
  /** Accept any host key. Whoever intercepts the connection then gets the certificates' keys. Default: false. */
  insecureIgnoreHostKey?: pulumi.Input<boolean>;
  /** How often to try to connect. Default: 10. */
  dialErrorLimit?: pulumi.Input<number>;
  /** Timeout of one attempt to connect, in seconds. Default: 15. */
  perDialTimeout?: pulumi.Input<number>;
  /** A jump host: the connection to `host` goes through it. */
  proxy?: pulumi.Input<ConnectionArgs>;
  /** Run everything as root through `sudo`, without a terminal. Default: false. */
  sudo?: pulumi.Input<boolean>;
  /** Password for `sudo`. Default: `password`. Secret. */
  sudoPassword?: pulumi.Input<string>;
  /**
   * The SSH client: `"ssh2"`, a library in this process, or `"openssh"`, the `ssh` command with its configuration.
   * Default: `"ssh2"`.
   */
  transport?: pulumi.Input<"ssh2" | "openssh">;
}

/** A host behind SSH, or `"local"` for the machine on which Pulumi runs. */
export type TargetArgs = ConnectionArgs | "local";
