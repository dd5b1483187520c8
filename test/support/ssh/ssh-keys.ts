/** SSH keys, made by ssh-keygen. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "../process/temp";
import { toolPath } from "../process/tool-paths";

const run = promisify(execFile);

export interface SshKey {
  readonly privateKeyPem: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string;
}

export interface SshKeyOptions {
  readonly type?: "ed25519" | "ecdsa" | "rsa";
  readonly passphrase?: string;
  /** How the private key is written; default: OpenSSH's own format. */
  readonly format?: "RFC4716" | "PKCS8" | "PEM";
}

export async function generateSshKey(options: SshKeyOptions = {}): Promise<SshKey> {
  await using folder = await temporaryDirectory("key-");
  const file = join(folder.path, "key");
  await run(toolPath("ssh-keygen"), [
    ...["-q", "-t", options.type ?? "ed25519", "-N", options.passphrase ?? "", "-C", ""],
    ...(options.format === undefined ? [] : ["-m", options.format]),
    ...["-f", file],
  ]);
  const [type = "", key = ""] = (await readFile(`${file}.pub`, "utf8")).trim().split(" ");
  return { privateKeyPem: await readFile(file, "utf8"), publicKey: `${type} ${key}` };
}
