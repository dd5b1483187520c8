/** What the strict ACME server remembers. */
import { randomBytes } from "node:crypto";
import type { Identifier, IssuedCertificate } from "./issuer";
import type { Problem } from "./response";

export interface StoredAccount {
  readonly id: string;
  jwk: Record<string, unknown>;
  status: "valid" | "deactivated";
  contact: string[];
  readonly externalAccount?: string;
}

export interface StoredChallenge {
  readonly id: string;
  readonly type: string;
  readonly token: string;
  status: "pending" | "processing" | "valid" | "invalid";
  error?: Problem;
}

export interface StoredAuthorization {
  readonly id: string;
  readonly account: StoredAccount;
  readonly identifier: Identifier;
  readonly wildcard: boolean;
  status: "pending" | "valid" | "invalid" | "deactivated";
  readonly challenges: StoredChallenge[];
  /** The validation under way, after which `looksLeft` more looks still say `pending`. */
  validation?: Promise<void>;
  looksLeft: number;
}

export interface StoredOrder {
  readonly id: string;
  readonly account: StoredAccount;
  readonly identifiers: Identifier[];
  readonly authorizations: StoredAuthorization[];
  readonly profile?: string;
  readonly replaces?: string;
  finalized?: { readonly certificate: StoredCertificate; looksLeft: number };
}

export interface StoredCertificate extends IssuedCertificate {
  readonly id: string;
  readonly account: StoredAccount;
  readonly identifiers: Identifier[];
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
  revoked?: { readonly reason: number | undefined };
}

export class State {
  readonly accounts = new Map<string, StoredAccount>();
  readonly orders = new Map<string, StoredOrder>();
  readonly authorizations = new Map<string, StoredAuthorization>();
  readonly certificates = new Map<string, StoredCertificate>();
  readonly usedExternalAccounts = new Set<string>();

  /** RFC 8555 §7.1.6. */
  static statusOf(order: StoredOrder): "pending" | "ready" | "processing" | "valid" | "invalid" {
    if (order.finalized !== undefined) {
      return order.finalized.looksLeft === 0 ? "valid" : "processing";
    }
    const statuses = order.authorizations.map(({ status }) => status);
    if (statuses.some((status) => status === "invalid" || status === "deactivated")) {
      return "invalid";
    }
    return statuses.every((status) => status === "valid") ? "ready" : "pending";
  }
}

export function newId(): string {
  return randomBytes(9).toString("base64url");
}

/** RFC 8555 §8.1: at least 128 bits. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}
