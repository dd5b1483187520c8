/** How to reach a host by SSH. */
import type * as pulumi from "@pulumi/pulumi";

/**
 * How to reach a host by SSH. The names are those of `@pulumi/command`'s, so that one object serves both.
 *
 * Either `hostKey` or `knownHosts` is required: a host that shows another key is not talked to.
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
  /** Path of the socket of an SSH agent on this machine. Default: none; the environment is not looked at. */
  agentSocketPath?: pulumi.Input<string>;
  /**
   * The host's public key, as in an `authorized_keys` file: `ssh-ed25519 AAAA…`. Several lines for several keys.
   */
  hostKey?: pulumi.Input<string>;
  /** The text of a `known_hosts` file, hashed names included. */
  knownHosts?: pulumi.Input<string>;
  /** Talk to the host whatever key it shows. Whoever sits in between can then take the certificates' keys. Default: false. */
  insecureIgnoreHostKey?: pulumi.Input<boolean>;
  /** How often a connection is tried before it is given up. Default: 10. */
  dialErrorLimit?: pulumi.Input<number>;
  /** Seconds that one try may take. Default: 15. */
  perDialTimeout?: pulumi.Input<number>;
  /** A jump host: the connection to `host` goes through it. */
  proxy?: pulumi.Input<ConnectionArgs>;
  /** Do everything as root through `sudo`. No terminal is needed. Default: false. */
  sudo?: pulumi.Input<boolean>;
  /** What `sudo` is answered when it asks. Default: `password`. Secret. */
  sudoPassword?: pulumi.Input<string>;
  /**
   * What speaks SSH: `"ssh2"`, inside this process, or `"openssh"`, the command `ssh` with its own configuration.
   * Default: `"ssh2"`.
   */
  transport?: pulumi.Input<"ssh2" | "openssh">;
}

/** A host behind SSH, or `"local"` for the machine on which Pulumi runs. */
export type TargetArgs = ConnectionArgs | "local";
