/** Public keys as `authorized_keys`, `known_hosts` and `ssh_host_*_key.pub` write them. Pure; `check` loads it. @see sshd(8) */

export interface PublicKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` … */
  readonly type: string;
  /** The key as it is sent (RFC 4253 §6.6). */
  readonly blob: Buffer;
}

/** The lines of `text` that hold something: no blank lines, no comments, no white space around them. */
export function keyLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The key in `line`, wherever options or host names stand before it. */
export function publicKeyIn(line: string): PublicKey | undefined {
  const words = line.split(/\s+/);
  for (const [index, type] of words.entries()) {
    const blob = Buffer.from(words[index + 1] ?? "", "base64");
    if (keyTypeOf(blob) === type) return { type, blob };
  }
  return undefined;
}

/** The type that stands at the beginning of the key itself. */
export function keyTypeOf(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return blob.length < 4 + length ? undefined : blob.toString("latin1", 4, 4 + length);
}
