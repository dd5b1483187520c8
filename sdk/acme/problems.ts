/** Problem documents (RFC 7807) and the errors that a CA causes. */
import { instant } from "../util/instant";
import { singleLine } from "../util/text";
import { AcmeError } from "./errors";
import type { AcmeIdentifier } from "./identifiers";
import { asObject, objects, optionalString, parseJson, strings } from "../util/json";

/**
 * The error types that are registered, without their prefix `urn:ietf:params:acme:error:`.
 *
 * @see RFC 8555 §6.7; RFC 9773 §5 for `alreadyReplaced`; draft-ietf-acme-profiles for `invalidProfile`
 */
export type KnownProblemType =
  | "accountDoesNotExist"
  | "alreadyReplaced"
  | "alreadyRevoked"
  | "badCSR"
  | "badNonce"
  | "badPublicKey"
  | "badRevocationReason"
  | "badSignatureAlgorithm"
  | "caa"
  | "compound"
  | "connection"
  | "dns"
  | "externalAccountRequired"
  | "incorrectResponse"
  | "invalidContact"
  | "invalidProfile"
  | "malformed"
  | "orderNotReady"
  | "rateLimited"
  | "rejectedIdentifier"
  | "serverInternal"
  | "tls"
  | "unauthorized"
  | "unsupportedContact"
  | "unsupportedIdentifier"
  | "userActionRequired"
  // Before RFC 8555: Boulder's word for terms that were not agreed to.
  | "agreementRequired"
  // RFC 7807 §3.1: "When this member is not present, its value is assumed to be 'about:blank'."
  | "about:blank";

/** CAs may send types of their own. */
export type ProblemType = KnownProblemType | (string & {});

const NO_TYPE = "about:blank";

/** Of a page that is no problem document, only the beginning is read. */
const MAX_PAGE = 4096;
/** Orders have a hundred names at most. */
const MAX_SUBPROBLEMS = 100;

/** What a CA says went wrong. */
export interface Problem {
  readonly type: ProblemType;
  /** In the CA's own words, on one line. */
  readonly detail?: string;
  readonly status?: number;
  /** A URL, for `userActionRequired` a page for a human. */
  readonly instance?: string;
  readonly subproblems: readonly Subproblem[];
  /** With `badSignatureAlgorithm`: what the CA accepts. */
  readonly algorithms?: readonly string[];
}

/** The part of a {@link Problem} that is about one name. */
export interface Subproblem {
  readonly type: ProblemType;
  readonly detail?: string;
  readonly identifier?: AcmeIdentifier;
}

/** What a response says besides its problem document. */
export interface ProblemContext {
  /** The HTTP status; default the problem's own. */
  readonly status?: number | undefined;
  readonly url?: string | undefined;
  /** Epoch milliseconds. */
  readonly retryAt?: number | undefined;
  readonly termsOfServiceUrl?: string | undefined;
  readonly helpUrl?: string | undefined;
  /** The `Location` header: with 409 from keyChange the account that has the new key. */
  readonly location?: string | undefined;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
}

/**
 * The CA refused, and said why.
 *
 * RFC 8555 §6.7: "clients SHOULD display the 'detail' field of all errors", so the message has it.
 */
export class AcmeProblemError extends AcmeError {
  override readonly name = "AcmeProblemError";
  readonly problem: Problem;
  /** The HTTP status; 0 for the error of an order or challenge that names none. */
  readonly status: number;
  /** The URL that was asked; empty for the error of an order or challenge. */
  readonly url: string;
  /** The earliest instant to try again, in epoch milliseconds: from `Retry-After` or from Let's Encrypt's text. */
  readonly retryAt: number | undefined;
  /** The terms that have to be agreed to. */
  readonly termsOfServiceUrl: string | undefined;
  /** A page of the CA about this error. */
  readonly helpUrl: string | undefined;
  /** The `Location` header: with 409 from keyChange the account that has the new key. */
  readonly location: string | undefined;

  /** @param what - what was being done, for which name: "order for example.com" */
  constructor(what: string, problem: Problem, context: ProblemContext = {}) {
    super(messageFor(what, problem, context));
    this.problem = problem;
    this.status = context.status ?? problem.status ?? 0;
    this.url = context.url ?? "";
    this.retryAt = context.retryAt;
    this.termsOfServiceUrl = context.termsOfServiceUrl;
    this.helpUrl = context.helpUrl;
    this.location = context.location;
  }
}

/** Whether the CA refused with one of these problem types. */
export function hasProblemType(
  error: unknown,
  ...types: KnownProblemType[]
): error is AcmeProblemError {
  return error instanceof AcmeProblemError && isOfType(error.problem, ...types);
}

export function isOfType(problem: Problem, ...types: KnownProblemType[]): boolean {
  return types.some((type) => type === problem.type);
}

/** The same refusal, with more known about it. */
export function withContext(
  what: string,
  error: AcmeProblemError,
  more: ProblemContext,
): AcmeProblemError {
  const { status, url, retryAt, termsOfServiceUrl, helpUrl, location } = error;
  return new AcmeProblemError(what, error.problem, {
    status,
    url,
    retryAt,
    termsOfServiceUrl,
    helpUrl,
    location,
    ...more,
  });
}

function messageFor(what: string, problem: Problem, context: ProblemContext): string {
  const remarks: string[] = [];
  if (context.retryAt !== undefined) remarks.push(`try again after ${instant(context.retryAt)}`);
  if (context.termsOfServiceUrl !== undefined) {
    remarks.push(`terms of service: ${singleLine(context.termsOfServiceUrl)}`);
  }
  if (problem.instance !== undefined) remarks.push(`see ${problem.instance}`);
  if (context.helpUrl !== undefined) remarks.push(`see ${singleLine(context.helpUrl)}`);
  if (context.hint !== undefined) remarks.push(context.hint);
  const status = problem.status ?? context.status;
  const text = describeProblem({ ...problem, status });
  return `acme: ${what}: ${text}${remarks.length === 0 ? "" : ` (${remarks.join("; ")})`}`;
}

/** `"rejectedIdentifier: cannot issue [a.example: caa: CAA forbids]"`: type, detail, and each name's own words. */
export function describeProblem(problem: Problem): string {
  const head = [nameOfProblem(problem)];
  if (problem.detail !== undefined) head.push(problem.detail);
  if (problem.algorithms !== undefined) head.push(`it accepts ${problem.algorithms.join(", ")}`);
  const parts = problem.subproblems.map((part) => {
    const words = part.detail === undefined ? part.type : `${part.type}: ${part.detail}`;
    return part.identifier === undefined ? words : `${part.identifier.value}: ${words}`;
  });
  return head.join(": ") + (parts.length === 0 ? "" : ` [${parts.join("; ")}]`);
}

function nameOfProblem(problem: Problem): string {
  if (problem.type !== NO_TYPE) return problem.type;
  return problem.status === undefined ? "unnamed problem" : `HTTP ${String(problem.status)}`;
}

/**
 * Reads the body of an error response, whatever it is: CAs and the gateways before them also answer with HTML,
 * plain text, or a JSON string under any media type.
 */
export function parseProblem(status: number, body: string): Problem {
  const json = parseJson(body);
  const problem = toProblem(json);
  if (problem !== undefined) return { ...problem, status: problem.status ?? status };
  const words = typeof json === "string" ? json : withoutTags(body.slice(0, MAX_PAGE));
  const detail = singleLine(words.replace(/\s+/g, " "));
  return { type: NO_TYPE, status, subproblems: [], detail: detail === "" ? undefined : detail };
}

/** A page of HTML without its tags, and without what stands in its style, scripts and title. */
function withoutTags(page: string): string {
  return page.replace(/<(style|script|title)\b[^]*?<\/\1>|<[^>]*>/gi, " ");
}

/** The problem in a JSON value such as an order's or a challenge's `error`; `undefined` if there is none. */
export function toProblem(value: unknown): Problem | undefined {
  const object = asObject(value);
  if (object === undefined) return undefined;
  const { status } = object;
  const algorithms = strings(object, "algorithms").map((name) => singleLine(name));
  return {
    type: problemType(optionalString(object, "type")),
    detail: line(object, "detail"),
    status: typeof status === "number" ? status : undefined,
    instance: line(object, "instance"),
    subproblems: objects(object, "subproblems").slice(0, MAX_SUBPROBLEMS).map(toSubproblem),
    algorithms: algorithms.length === 0 ? undefined : algorithms,
  };
}

function toSubproblem(object: Record<string, unknown>): Subproblem {
  const identifier = asObject(object["identifier"]) ?? {};
  const value = optionalString(identifier, "value");
  const type = identifier["type"] === "ip" ? "ip" : "dns";
  return {
    type: problemType(optionalString(object, "type")),
    detail: line(object, "detail"),
    identifier: value === undefined ? undefined : { type, value: singleLine(value, 253) },
  };
}

/** The member's text on one line; `undefined` where it is missing or empty. */
function line(object: Record<string, unknown>, member: string): string | undefined {
  const text = singleLine(optionalString(object, member) ?? "");
  return text === "" ? undefined : text;
}

/** Also reads the prefix of the drafts, and a type without any: both are still met. */
function problemType(type: string | undefined): string {
  const bare = singleLine((type ?? "").replace(/^urn:(ietf:params:)?acme:error:/i, ""), 200);
  return bare === "" ? NO_TYPE : bare;
}
