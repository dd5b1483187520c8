import { createHash } from "node:crypto";

/** The SHA-256 digest of text (as UTF-8) or bytes: lower-case hexadecimal, or another encoding. */
export function sha256Of(
  data: string | Uint8Array,
  encoding: "hex" | "base64" | "base64url" = "hex",
): string {
  return createHash("sha256").update(data).digest(encoding);
}
