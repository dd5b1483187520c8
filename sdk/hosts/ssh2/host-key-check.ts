/** Checking a host's key while connecting: which kind to ask for, and whether to go on. Pure. */
import type { Connection } from "../host";
import { expectedKeys, hostKeyRefusal } from "../host-key";

/**
 * ssh2's own order; keys that are expected go before it, because a host has several and shows only one. Without
 * `ssh-rsa`, which signs by SHA-1: an RSA key is shown by `rsa-sha2-…`, as OpenSSH has it since 8.8.
 */
const HOST_KEY_ALGORITHMS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

export interface HostKeyCheck {
  readonly algorithms: (typeof HOST_KEY_ALGORITHMS)[number][];
  readonly verify: (shown: Buffer) => boolean;
  /** Why the key was refused, once it was. */
  readonly refusal: () => string | undefined;
}

/* ssh2 accepts any key when it is given no verifier: there always is one. */
export function hostKeyCheck(connection: Connection): HostKeyCheck {
  const expected = expectedKeys(connection);
  const types = new Set(expected.accepted.map(({ type }) => type));
  const wanted = (algorithm: string): boolean =>
    types.has(algorithm) || (algorithm.startsWith("rsa-sha2-") && types.has("ssh-rsa"));
  let refusal: string | undefined;
  return {
    algorithms: [
      ...HOST_KEY_ALGORITHMS.filter(wanted),
      ...HOST_KEY_ALGORITHMS.filter((algorithm) => !wanted(algorithm)),
    ],
    verify: (shown) => {
      if (connection.insecureIgnoreHostKey === true) return true;
      refusal = hostKeyRefusal(expected, shown);
      return refusal === undefined;
    },
    refusal: () => refusal,
  };
}
