/** Proofs as a CA would ask for them. Test support of this folder. */
import { randomBytes } from "node:crypto";

import { vi } from "vitest";

import type { Proof } from "../../../sdk/challenges/solver";

export function proofOf(
  value: string,
  identifierType: "dns" | "ip" = "dns",
  type: "http-01" | "tls-alpn-01" = "http-01",
): Proof {
  const token = randomBytes(32).toString("base64url");
  return {
    identifier: { type: identifierType, value },
    wildcard: false,
    type,
    token,
    keyAuthorization: `${token}.${randomBytes(32).toString("base64url")}`,
  };
}

export function context() {
  return { signal: new AbortController().signal, progress: vi.fn(), warn: vi.fn() };
}
