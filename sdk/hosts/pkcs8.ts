/** Keys in PKCS#8 for programs that do not read it. Pure. */
import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";

/** What OpenSSH's own format begins with. */
export const OPENSSH_MAGIC = "openssh-key-v1\0";

export function isPkcs8(text: string): boolean {
  return /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text);
}

/** The key in a format that ssh2 and OpenSSH read, without a passphrase. */
export function fromPkcs8(text: string, passphrase: string | undefined): string {
  return exported(createPrivateKey({ key: text, passphrase }));
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
    Buffer.from(OPENSSH_MAGIC),
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
