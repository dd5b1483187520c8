/** Account objects and contacts. Pure. */
import { ConfigurationError } from "../util/errors";
import { singleLine } from "../util/text";
import type { Answer } from "./answer";
import { AcmeProtocolError } from "./errors";
import { asObject, parseJson, strings } from "../util/json";
import { AcmeProblemError, hasProblemType, isOfType, type Problem } from "./problems";
import { handedOutUrl } from "./urls";

const STATUSES = ["valid", "deactivated", "revoked"] as const;

/** How CAs refuse a binding or contacts; the types that are made for it are rarely used. */
const REFUSALS = [
  "about:blank",
  "malformed",
  "unauthorized",
  "externalAccountRequired",
  "invalidContact",
  "unsupportedContact",
] as const;

/**
 * An account as the CA describes it. Some CAs send no more than the URL: an absent member means "unknown".
 *
 * @see RFC 8555 §7.1.2, Account Objects
 */
export interface Account {
  /** Exactly as the CA gave it: it signs requests under this name. */
  readonly url: string;
  readonly status?: (typeof STATUSES)[number];
  readonly contact?: string[];
  readonly termsOfServiceAgreed?: boolean;
}

/** RFC 8555 §7.3: `mailto` "MUST NOT contain 'hfields' or more than one 'addr-spec'". */
export function checkContact(contact: string): void {
  const reason = !/^[a-z][a-z0-9+.-]*:./i.test(contact)
    ? "is not a URL such as mailto:admin@example.com"
    : /^mailto:/i.test(contact) && !/^mailto:[^\s@,?]+@[^\s@,?]+$/i.test(contact)
      ? "must be one address, without header fields"
      : undefined;
  if (reason === undefined) return;
  throw new ConfigurationError(`acme: the contact "${singleLine(contact, 200)}" ${reason}`);
}

export function isUnknownAccount(error: unknown): boolean {
  return hasProblemType(error, "accountDoesNotExist");
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof AcmeProblemError && (error.status === 401 || error.status === 403);
}

/**
 * Whether the CA does not know the account, has deactivated it, or knows it by another key: the last has no type of its
 * own, and is a wrong signature.
 */
export function isRefusedAccount(error: unknown): error is AcmeProblemError {
  if (hasProblemType(error, "accountDoesNotExist")) return true;
  if (hasProblemType(error, "unauthorized")) return isUnauthorized(error);
  return (
    hasProblemType(error, "malformed") && /signature|\bJW[SK]\b/i.test(String(error.problem.detail))
  );
}

/** For requests in an account's name. */
export function accountHint(problem: Problem): string | undefined {
  return isOfType(problem, "unauthorized") && problem.subproblems.length === 0
    ? "is the account deactivated, or has it another key?"
    : undefined;
}

/** For a registration: what to do about it, where the CA's words are about the binding or about contacts. */
export function registrationHint(problem: Problem, isBound: boolean): string | undefined {
  if (!isOfType(problem, ...REFUSALS)) return undefined;
  const words = `${problem.type}: ${problem.detail ?? ""}`;
  if (/external ?account|\bbinding|\bEAB\b|\bH?MAC\b|\bkey[ -]?id|\bkid\b/i.test(words)) {
    return isBound
      ? "are key id and HMAC key of the external account binding right? Most CAs accept them only once"
      : "get a key id and an HMAC key from the CA, and give them as externalAccountBinding";
  }
  return /contact|e-?mail/i.test(words)
    ? 'give an address that the CA accepts as contact, such as ["mailto:admin@example.com"]'
    : undefined;
}

/** The account that a `Location` header names. */
export function accountAtLocation(what: string, answer: Answer): Account {
  const location = answer.headers.get("location");
  if (location === null || location === "") {
    throw new AcmeProtocolError(
      `acme: ${what}: the CA did not name the account (no Location header)`,
      answer.url,
    );
  }
  return parseAccount(handedOutUrl(what, location, answer.url), answer, "lenient");
}

/** With `lenient`, a body that is not an account is ignored: the URL is enough. */
export function parseAccount(
  url: string,
  answer: Answer,
  mode: "strict" | "lenient" = "strict",
): Account {
  const json = asObject(parseJson(answer.text));
  if (json === undefined && mode === "strict" && answer.text !== "") {
    throw new AcmeProtocolError(
      `acme: account ${url}: the CA did not answer with an account`,
      answer.url,
    );
  }
  const object = json ?? {};
  const agreed = object["termsOfServiceAgreed"];
  return {
    url,
    status: STATUSES.find((known) => known === object["status"]),
    contact: Array.isArray(object["contact"])
      ? strings(object, "contact").map((contact) => singleLine(contact))
      : undefined,
    termsOfServiceAgreed: typeof agreed === "boolean" ? agreed : undefined,
  };
}
