/** What can go wrong with a CA, besides the problem documents that it sends. */
import { ProxyError } from "../util/errors";

const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The codes of `tls` for a certificate that no trusted root has signed. */
const UNTRUSTED = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
]);

/** Everything that can go wrong with a CA, but for wrong arguments and deadlines. */
export abstract class AcmeError extends Error {
  /** The URL that was asked; empty where it is not known. */
  abstract readonly url: string;
}

/** The CA violates the RFC, or the server is not an ACME server. */
export class AcmeProtocolError extends AcmeError {
  override readonly name = "AcmeProtocolError";

  constructor(
    message: string,
    /** The URL that was asked. */
    readonly url: string,
  ) {
    super(message);
  }
}

/** The CA does not offer what was asked for, such as key rollover. */
export class AcmeUnsupportedError extends AcmeError {
  override readonly name = "AcmeUnsupportedError";

  constructor(
    message: string,
    /** The directory's URL. */
    readonly url: string,
  ) {
    super(message);
  }
}

/** No whole response arrived. */
export class AcmeConnectionError extends AcmeError {
  override readonly name = "AcmeConnectionError";
  readonly url: string;
  /** The system's code, such as `ECONNREFUSED` or `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  readonly code: string;
  /** False if the request certainly did not reach the CA. */
  readonly sent: boolean;
  /** Trying again may help. */
  readonly transient: boolean;

  constructor(what: string, url: string, cause: unknown) {
    const code = codeOf(cause);
    super(`acme: ${what}: ${explain(url, code, cause)}`, { cause });
    this.url = url;
    this.code = code;
    this.sent = !NOT_SENT.has(code) && !isTlsFailure(code);
    this.transient = code !== "ENOTFOUND" && !isTlsFailure(code) && !code.startsWith("HPE_");
  }
}

function isTlsFailure(code: string): boolean {
  return (
    UNTRUSTED.has(code) ||
    code.startsWith("CERT_") ||
    code.startsWith("ERR_TLS_") ||
    code.startsWith("ERR_SSL_") ||
    code === "EPROTO"
  );
}

function explain(url: string, code: string, cause: unknown): string {
  const host = hostOf(url);
  if (cause instanceof ProxyError) return `no answer from ${host} ${cause.message}`;
  if (UNTRUSTED.has(code)) {
    return `the TLS certificate of ${host} is not trusted (${code}); give the roots of a private CA as caBundlePem`;
  }
  if (code === "CERT_HAS_EXPIRED") return `the TLS certificate of ${host} has expired`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the TLS certificate of ${host} is for another name; check the directory URL`;
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO") {
    return `${host} does not speak TLS; check the directory URL`;
  }
  if (isTlsFailure(code)) return `TLS with ${host} failed (${code})`;
  if (code === "ECONNREFUSED") return `${host} refuses the connection; check the directory URL`;
  if (code === "ENOTFOUND") return `there is no host ${host}; check the directory URL`;
  if (code === "EAI_AGAIN") return `the name ${host} cannot be resolved at the moment`;
  return `no answer from ${host} (${code === "" ? wordsOf(cause) : code})`;
}

/** `fetch` hides the code in the cause, and a connection attempt to several addresses in its errors. */
function codeOf(error: unknown): string {
  for (let depth = 0, current = error; depth < 4 && current instanceof Error; depth++) {
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === "string" && code !== "") return code;
    const first: unknown = current instanceof AggregateError ? current.errors[0] : undefined;
    current = first ?? current.cause;
  }
  return "";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
