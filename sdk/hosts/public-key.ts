/** Public keys as `authorized_keys`, `known_hosts` and `ssh_host_*_key.pub` write them. Pure; `check` loads it. @see sshd(8) */

export interface PublicKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` … */
  readonly type: string;
  /** The key as it is sent (RFC 4253 §6.6). */
  readonly blob: Buffer;
}

/** The lines of `text` that hold something: no blank lines, no comments, no white space around them; `\n` may be two characters. */
export function keyLines(text: string): string[] {
  return text
    .split(/\r?\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

export interface KnownHostsLine {
  readonly marker: string | undefined;
  /** `*.example.com,!old.example.com`, `[web-1]:2222`, or `|1|salt|hash`. */
  readonly hosts: string;
  readonly key: PublicKey;
}

/** A line of a known_hosts file: marker, names, key, comment. */
export function knownHostsLine(line: string): KnownHostsLine | undefined {
  const words = line.split(/\s+/);
  const marker = words[0]?.startsWith("@") === true ? words.shift() : undefined;
  const hosts = words.shift();
  const key = keyOf(words);
  return hosts === undefined || key === undefined ? undefined : { marker, hosts, key };
}

/**
 * The key in a line of `hostKey`: alone, as in `ssh_host_*_key.pub`, or after names of the host, as ssh-keyscan prints
 * it. The names do not matter. A line with a marker is for known_hosts: it may say that the key is revoked.
 */
export function pinnedKey(line: string): PublicKey | undefined {
  const known = knownHostsLine(line);
  return keyOf(line.split(/\s+/)) ?? (known?.marker === undefined ? known?.key : undefined);
}

function keyOf([type, base64 = ""]: readonly string[]): PublicKey | undefined {
  const blob = Buffer.from(base64, "base64");
  return type !== undefined && keyTypeOf(blob) === type ? { type, blob } : undefined;
}

/** The type that stands at the beginning of the key itself. */
export function keyTypeOf(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return blob.length < 4 + length ? undefined : blob.toString("latin1", 4, 4 + length);
}
