/**
 * Private keys for SSH: one reading for both transports, from whatever form people have them in. Pure; `check` loads it.
 *
 * ssh2 and OpenSSH read OpenSSH's and the old PEM formats. PKCS#8, which is what a `tls.PrivateKey` resource and
 * `openssl genpkey` give, is turned into one of them.
 */
import { messageOf } from "../util/errors";
import { type Connection, HostError } from "./host";
import { fromPkcs8, isPkcs8, OPENSSH_MAGIC } from "./pkcs8";

const TO_OPENSSH = "-O private-openssh-new -o NEW_KEY";
/** As ssh2, Node.js and ssh-add say it. */
const WRONG_PASSPHRASE =
  /bad passphrase|bad decrypt|incorrect passphrase|integrity check|unable to authenticate data/i;

export interface PrivateKeyText {
  readonly text: string;
  /** Absent once it has been used. */
  readonly passphrase?: string;
}

/**
 * `text` as a key file has it: without a byte order mark, indentation, carriage returns and what stands around the key,
 * also where its line breaks became blanks or the two characters `\n` (.env files, secrets on one line).
 *
 * @see webfactory/ssh-agent#233, easingthemes/ssh-deploy#160
 */
export function normalizedKey(text: string): string {
  const plain = text
    .replace(/^\uFEFF/, "")
    .replace(/(?:\\r)?\\n|\r\n?/g, "\n")
    .replace(/^[ \t]+/gm, "")
    .trim();
  const begin = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----/.exec(plain);
  if (begin === null) return `${plain}\n`;
  const [first, name = ""] = begin;
  const last = `-----END ${name}-----`;
  const from = begin.index + first.length;
  const to = plain.indexOf(last, from);
  if (to < 0) return `${plain}\n`;
  const body = plain.slice(from, to).trim();
  // Headers such as DEK-Info end with an empty line.
  const lines = body.includes(":") ? body : body.replace(/\s+/g, "\n");
  return `${first}\n${lines}\n${last}\n`;
}

/** Why no key can be in `text`, or one of a form that nothing here reads, with what to do. */
export function formProblem(text: string): string | undefined {
  const key = normalizedKey(text);
  if (/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(key)) return undefined;
  const putty = /^PuTTY-User-Key-File-(\d+): (\S+)/.exec(key);
  if (putty !== null) return isReadablePutty(key) ? undefined : puttyProblem(putty);
  if (/^---- BEGIN SSH2 [A-Z ]*PRIVATE KEY ----/.test(key)) {
    return `is a key in the format of ssh.com, which cannot be read: convert it by \`puttygen KEY ${TO_OPENSSH}\``;
  }
  if (/^(ssh|ecdsa|sk)-\S+ AAAA|^-----BEGIN [A-Z ]*PUBLIC KEY-----/.test(key)) {
    return "is a public key: give the private one, whose file has no .pub at its end";
  }
  return "must be the text of a private key, not its path";
}

function puttyProblem([, version = "", type = ""]: RegExpExecArray): string {
  return `is a PuTTY key (version ${version}, ${type}), a format of which only version 2 with RSA can be read: convert it by \`puttygen KEY.ppk ${TO_OPENSSH}\``;
}

/** PuTTY's format as far as ssh2 knows it; version 3 is encrypted by Argon2, which Node.js 20 lacks. */
export function isReadablePutty(text: string): boolean {
  return text.startsWith("PuTTY-User-Key-File-2: ssh-rsa");
}

/** Why `connection` cannot log in by its private key, as far as that shows without ssh2 and `ssh`. */
export function privateKeyProblem(
  connection: Pick<Connection, "privateKey" | "privateKeyPassword" | "transport">,
): string | undefined {
  const { privateKey, privateKeyPassword: passphrase, transport = "ssh2" } = connection;
  if (privateKey === undefined) return undefined;
  const form = formProblem(privateKey);
  if (form !== undefined) return form;
  const text = normalizedKey(privateKey);
  if (passphrase === undefined && isEncrypted(text)) return whyUnreadable({ text }, "");
  if (transport === "ssh2") {
    const { cipher = "", type = "" } = openSshHead(text) ?? {};
    if (cipher.startsWith("chacha20-")) {
      return `it is encrypted by the cipher ${cipher}, which ssh2 cannot read in keys: change that by \`ssh-keygen -p -Z aes256-ctr -f KEY\`, or set transport: "openssh"`;
    }
    if (type.startsWith("sk-"))
      return `a key of a security token (${type}) needs transport: "openssh"`;
  }
  try {
    readableBySsh({ text: privateKey, passphrase });
    return undefined;
  } catch (error) {
    return whyUnreadable({ text, passphrase }, messageOf(error));
  }
}

/** Why a key was not read, in the words of what could not read it unless the passphrase is to blame. */
export function whyUnreadable({ text, passphrase }: PrivateKeyText, said: string): string {
  if (!isEncrypted(text)) return said === "" ? "it is damaged" : said;
  if (passphrase === undefined) return "it is encrypted, and privateKeyPassword is missing";
  if (/unsupported/i.test(said) && isPkcs8(text)) {
    return "it is encrypted by a method that OpenSSL no longer supports: convert it by `openssl pkcs8 -provider legacy -provider default -in KEY -topk8 -v2 aes-256-cbc -out NEW_KEY`";
  }
  if (said === "" || WRONG_PASSPHRASE.test(said)) {
    return "privateKeyPassword is wrong, or the key is damaged";
  }
  return said;
}

/** Whether `text`, normalized, can be read only with a passphrase. */
export function isEncrypted(text: string): boolean {
  const head = openSshHead(text);
  if (head !== undefined) return head.cipher !== "none";
  return /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED|^Encryption: (?!none)/m.test(text);
}

/** What stands in clear in OpenSSH's own format. @see PROTOCOL.key in the sources of OpenSSH */
function openSshHead(text: string): { cipher: string; type: string } | undefined {
  const body = /^-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(text)?.[1];
  const data = Buffer.from(body ?? "", "base64");
  if (!data.toString("latin1").startsWith(OPENSSH_MAGIC)) return undefined;
  let at = OPENSSH_MAGIC.length;
  const next = (): string => {
    if (at + 4 > data.length) return "";
    const from = at + 4;
    at = from + data.readUInt32BE(at);
    return data.toString("latin1", from, at);
  };
  const cipher = next();
  // The function that derives the key, its options, the number of keys; within the public key its type.
  next();
  next();
  at += 8;
  return { cipher, type: next() };
}

/** `key` in a format that both transports read: normalized, and no PKCS#8. */
export function readableBySsh(key: PrivateKeyText): PrivateKeyText {
  const { passphrase } = key;
  const text = normalizedKey(key.text);
  return isPkcs8(text) ? { text: fromPkcs8(text, passphrase) } : { text, passphrase };
}

/** The error for a key that cannot be read; never tried again. */
export function unreadableKey(label: string, why: string): HostError {
  const detail = `the private key cannot be read: ${why}`;
  return new HostError("authentication", { host: label, step: "connect", detail });
}
