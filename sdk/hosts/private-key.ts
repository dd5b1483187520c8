/**
 * Private keys for SSH in the formats that ssh2 lacks. Pure.
 *
 * ssh2 reads OpenSSH's, PuTTY's and the old PEM formats, but not PKCS#8, which is what a `tls.PrivateKey` resource and
 * `openssl genpkey` give.
 */
import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";

const MAGIC = "openssh-key-v1\0";

export interface PrivateKeyText {
  readonly text: string;
  /** Absent once it has been used. */
  readonly passphrase?: string;
}

/** Whether `text` can be read only with a passphrase. */
export function isEncrypted(text: string): boolean {
  const openSsh = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text)?.[1];
  if (openSsh === undefined) return /ENCRYPTED|^Encryption: (?!none)/m.test(text);
  const data = Buffer.from(openSsh, "base64");
  const cipher = MAGIC.length + 4;
  return data.toString("latin1", cipher, cipher + 4) !== "none";
}

/** `key` in a format that ssh2 reads; anything but PKCS#8 stays as it is. */
export function readableBySsh(key: PrivateKeyText): PrivateKeyText {
  if (!/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(key.text)) return key;
  const { text, passphrase } = key;
  const parsed = createPrivateKey(
    passphrase === undefined ? { key: text } : { key: text, passphrase },
  );
  return { text: exported(parsed) };
}

function exported(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case "ec":
      return key.export({ type: "sec1", format: "pem" }).toString();
    case "ed25519":
      return openSshEd25519(key);
    default:
      throw new Error(`keys of type ${String(key.asymmetricKeyType)} are not for SSH`);
  }
}

/** @see PROTOCOL.key in the sources of OpenSSH */
function openSshEd25519(key: KeyObject): string {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url");
  const type = string(Buffer.from("ssh-ed25519"));
  const check = randomBytes(4);
  const secret = string(Buffer.concat([Buffer.from(d, "base64url"), publicKey]));
  const body = [check, check, type, string(publicKey), secret, string(Buffer.alloc(0))];
  const size = Buffer.concat(body).length;
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (size % 8)) % 8));
  const none = string(Buffer.from("none"));
  const whole = Buffer.concat([
    Buffer.from(MAGIC),
    none,
    none,
    string(Buffer.alloc(0)),
    uint32(1),
    string(Buffer.concat([type, string(publicKey)])),
    string(Buffer.concat([...body, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  const name = "OPENSSH PRIVATE KEY";
  return `-----BEGIN ${name}-----\n${lines.join("\n")}\n-----END ${name}-----\n`;
}

function string(data: Buffer): Buffer {
  return Buffer.concat([uint32(data.length), data]);
}

function uint32(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return data;
}
