/** What single values may be, before they are written into nginx's text. Pure. */
import { singleLine } from "../util/text";
import { normalizeDnsName, normalizeIpAddress, type Normalized } from "../util/names";

/** nginx reads its text through a buffer of 4096 bytes, and no word may be longer. */
const LONGEST_WORD = 2000;

/** Why no value of ours may look like `value`: what cannot be quoted, or not be read. */
function wordProblem(value: string): string | undefined {
  if (value === "") return "is empty";
  if (/\p{Cc}/u.test(value)) return "contains a control character";
  // A lone surrogate has no UTF-8.
  if (/\p{Cs}/u.test(value)) return "is not valid Unicode";
  if (Buffer.byteLength(value) > LONGEST_WORD)
    return `is longer than ${String(LONGEST_WORD)} bytes`;
  return undefined;
}

/**
 * A server name as nginx compares it with the `Host` header: A-labels in lower case, IPv6 in brackets, without its
 * trailing dot.
 */
export function normalizeServerName(text: string): Normalized {
  const address = normalizeIpAddress(text);
  if ("value" in address) {
    return { value: address.value.includes(":") ? `[${address.value}]` : address.value };
  }
  const trimmed = text.trim();
  if (trimmed.includes(":")) return { problem: singleLine(address.problem, 400) };
  if (/^[.~]|\.\*$/.test(trimmed)) {
    return {
      problem: `"${singleLine(trimmed, 80)}" is neither a name nor an IP address; write example.com and *.example.com as two names (regular expressions are not taken)`,
    };
  }
  const name = normalizeDnsName(text);
  if ("problem" in name) return { problem: singleLine(name.problem, 400) };
  if (/(^|\.)\d+$/.test(name.value)) {
    return { problem: `"${name.value}" ends in a number, but is not an IP address` };
  }
  return name;
}

/** The names as nginx compares them, each once, in the order in which they were given. */
export function serverNamesOf({
  serverNames,
}: {
  serverNames: readonly string[];
}): readonly string[] {
  const names = serverNames.map((name) => {
    const normalized = normalizeServerName(name);
    return "value" in normalized ? normalized.value : name;
  });
  return [...new Set(names)];
}

/** For names of zones and variables, which count for the whole nginx. */
export function uniqueWord(site: { serverNames: readonly string[] }): string {
  return (serverNamesOf(site)[0] ?? "").replace(/\W/g, "_");
}

/** A path in a place where nginx would take `$` for a variable and cannot be told otherwise. */
export function absolutePathProblem(value: string): string | undefined {
  if (!value.startsWith("/")) return value === "" ? "is empty" : "must be an absolute path";
  return wordProblem(value) ?? dollarProblem(value);
}

function dollarProblem(value: string): string | undefined {
  return value.includes("$")
    ? "contains a $, which nginx would take for a variable; extraConfig is the place for variables"
    : undefined;
}

/** A `$` begins a variable; anything else after it is an error that nginx would blame on another line. */
function variableProblem(value: string): string | undefined {
  return /\$(?!\w|\{\w+\})/.test(value)
    ? "contains a $ that begins no variable such as $host"
    : undefined;
}

/** @param mayHavePath - whether nginx allows a path behind the address here. */
export function proxyPassProblem(value: string, mayHavePath: boolean): string | undefined {
  const problem = wordProblem(value) ?? variableProblem(value);
  if (problem !== undefined) return problem;
  const match = /^(?:https?|\$scheme|\$\{scheme\}):\/\/(.+)$/i.exec(value);
  const rest = match?.[1];
  if (rest === undefined) return "must be a URL that begins with http:// or https://";
  if (!/^[!-~]+$/.test(rest))
    return "must be printable ASCII without spaces; percent-encode others";
  if (value.includes("$")) return undefined;
  const unix = /^unix:\/[^:]+(:.*)?$/.exec(rest);
  const [, authority, path] = /^([^/?#]*)(.*)$/.exec(rest) ?? [];
  const hasPath = unix === null ? path !== "" : unix[1] !== undefined;
  if (unix === null && !isAuthority(authority ?? "")) {
    return "must name a host, and a port from 1 to 65535 if any (http://127.0.0.1:3000, http://unix:/run/app.sock)";
  }
  if (hasPath && !mayHavePath) {
    return "must not have a path here: nginx takes none in a location with a regular expression or a name";
  }
  return undefined;
}

function isAuthority(text: string): boolean {
  const match = /^(\[[^\]]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return false;
  const [, host = "", port] = match;
  if (host.startsWith("[") && "problem" in normalizeIpAddress(host)) return false;
  return port === undefined || isPort(Number(port));
}

export function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535;
}

/** The address of a server behind: `host`, `host:port` or `unix:/path`. */
export function serverAddressProblem(value: string, portIsNeeded: boolean): string | undefined {
  const problem = wordProblem(value) ?? dollarProblem(value);
  if (problem !== undefined) return problem;
  if (/^unix:\/[!-9;-~]+$/.test(value)) return undefined;
  if (isAuthority(value) && (!portIsNeeded || /:\d+$/.test(value))) return undefined;
  return "must be a host and a port (127.0.0.1:3000, [::1]:3000), or the path of a socket (unix:/run/app.sock)";
}

/** RFC 7638: the base64url of a hash. */
export function thumbprintProblem(value: string): string | undefined {
  return /^[\w-]{1,100}$/.test(value)
    ? undefined
    : "must be the account key's thumbprint in base64url (AcmeAccount.thumbprint)";
}

/** OpenSSL's cipher list format. Which names it knows is for the host's OpenSSL to say. */
export function ciphersProblem(value: string): string | undefined {
  return /^[\w+\-!@=:,. ]+$/.test(value) && value.trim() !== ""
    ? wordProblem(value)
    : "must be a cipher list as OpenSSL takes it, such as ECDHE+AESGCM:!aNULL";
}

export const PROTOCOLS: readonly string[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** The parameters of `ssl_session_cache`. */
export function sessionCacheProblem(value: string): string | undefined {
  const one = String.raw`(?:off|none|builtin(?::\d+)?|shared:[\w.-]+:\d+[kKmM]?)`;
  return new RegExp(`^${one}(?: +${one})?$`).test(value)
    ? undefined
    : 'must be "off", "none", "builtin" or "shared:<name>:<size>", such as "shared:web:10m"';
}

/** What stands behind `location`, in its parts. */
export interface LocationPath {
  readonly modifier: "" | "=" | "^~" | "~" | "~*" | "@";
  readonly pattern: string;
}

export function readLocationPath(value: string): LocationPath | { readonly problem: string } {
  const problem = wordProblem(value);
  if (problem !== undefined) return { problem };
  if (/^@[\w-]+$/.test(value)) return { modifier: "@", pattern: value };
  const [, modifier = "", pattern = ""] = /^ *(=|\^~|~\*|~)? *(.*)$/.exec(value) ?? [];
  if (modifier.startsWith("~")) {
    return pattern === ""
      ? { problem: "has no regular expression behind its ~" }
      : { modifier: modifier as "~" | "~*", pattern };
  }
  return pattern.startsWith("/")
    ? { modifier: modifier as "" | "=" | "^~", pattern }
    : {
        problem: "must begin with / (or with =, ^~, ~ or ~* before it), or be a name such as @app",
      };
}

/** The words behind `return`: a code with a text, or a URL. */
export function readReturn(
  value: string,
): { readonly code?: string; readonly text?: string } | { readonly problem: string } {
  const problem = wordProblem(value) ?? variableProblem(value);
  if (problem !== undefined) return { problem };
  const [, code, text] = /^ *([2-5]\d\d)(?: +(.*?))? *$/.exec(value) ?? [];
  if (code !== undefined) return text === undefined ? { code } : { code, text: unquoted(text) };
  return /^ *(https?|\$scheme):\/\/\S+ *$/.test(value)
    ? { text: value.trim() }
    : {
        problem:
          'must be a code from 200 to 599 ("404"), a code and a text or URL ("301 https://…"), or a URL',
      };
}

/** A text that the user quoted, as it would stand in nginx's file, without its quotes. */
function unquoted(text: string): string {
  const match = /^"((?:[^"\\]|\\.)*)"$|^'((?:[^'\\]|\\.)*)'$/.exec(text);
  const inner = match?.[1] ?? match?.[2];
  if (inner === undefined) return text;
  const escapes: Record<string, string> = { t: "\t", r: "\r", n: "\n" };
  return inner.replace(
    /\\(["'\\trn])/g,
    (_all, character: string) => escapes[character] ?? character,
  );
}
