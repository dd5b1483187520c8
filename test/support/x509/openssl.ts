/** OpenSSL as a second opinion on what we write. */
import { spawnSync } from "node:child_process";

/** Its standard output, with what it says besides where that is wanted (`req -verify` does); throws with its standard error where it fails. */
export function openssl(
  args: readonly string[],
  input: string | Uint8Array = "",
  withStandardError = args.includes("-verify"),
): string {
  const { status, stdout, stderr, error } = spawnSync("openssl", args, { input, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  return withStandardError ? stdout + stderr : stdout;
}
