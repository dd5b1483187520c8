/** Reloads of services that log what they cannot use and say nothing to who asked for it. */

export interface ServiceLog {
  /** The systemd unit, for the journal; a pattern. */
  readonly unit: string;
  /** The file, as a shell word; there need not be one. */
  readonly log: string;
  /** Lines that tell of certificates that cannot be used: an extended regular expression. */
  readonly errors: string;
}

/**
 * `reload`, which fails with what the service logs within a second of it. Some serve nothing until they get usable files again, so this
 * must not wait for a handshake to fail.
 */
export function tellingOfErrors(reload: string, { unit, log, errors }: ServiceLog): string {
  return [
    `log=\${ACME_LOG:-${log}}`,
    `size=$({ wc -c <"$log"; } 2>/dev/null || echo 0)`,
    `cursor=$(journalctl -n 0 --show-cursor 2>/dev/null | sed -n 's/^-- cursor: //p')`,
    `news() { tail -c "+$((size + 1))" "$log"; journalctl -q -o cat -u '${unit}' --after-cursor="$cursor"; }`,
    `( ${reload} ) || exit`,
    `sleep 1`,
    `! news 2>/dev/null | grep -E '${errors}'`,
  ].join("\n");
}
