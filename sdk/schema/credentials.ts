/** Credentials of web services, and the URLs that they are sent to: what cannot be right is refused before it is used. */
import * as v from "valibot";

import { isHttps, isLoopbackHttp } from "../util/host-name";
import { secret } from "./builders";

/** A text in which `problemOf` finds nothing. The problem must not quote it. */
function flawless(problemOf: (value: string) => string | undefined) {
  return v.pipe(
    v.string(),
    v.check(
      (value) => problemOf(value) === undefined,
      ({ input }) => problemOf(input) ?? "",
    ),
  );
}

/** Like {@link flawless}, of a text that `check` takes the white space around it away from. */
function trimmed(problemOf: (value: string) => string | undefined) {
  return v.pipe(flawless(problemOf), v.metadata({ credential: true }));
}

/** Whether `schema` is that of a credential: of a text that is secret, or a name that goes with one. */
export function isCredential(
  schema: v.GenericSchema & { readonly wrapped?: v.GenericSchema },
): boolean {
  const { wrapped = schema } = schema;
  const { credential: isName, secret: isSecret } = v.getMetadata(wrapped);
  return wrapped.type === "string" && (isName === true || isSecret === true);
}

/** A name or key that is sent in a header as it is. White space around it is not its own: `check` takes it away. */
export const credential = trimmed((written) => {
  const value = written.trim();
  if (value === "") return "is empty";
  return (
    prefixProblem(value) ??
    (/\s/.test(value)
      ? "has white space or a line break in it; give the value alone"
      : undefined) ??
    (/["'`]/.test(value) ? "has quotes in it; give the value without them" : undefined) ??
    (/[^\x21-\x7e]/.test(value) ? "has characters in it that no header can hold" : undefined)
  );
});

/** A user name or password that is sent encoded: any text of one line. RFC 7617. */
export const basicCredential = trimmed((written) => {
  const value = written.trim();
  return (
    prefixProblem(value) ??
    (/\p{Cc}/u.test(value) ? "has a line break or a control character in it" : undefined) ??
    (/^(["'`]).*\1$/.test(value) ? "stands in quotes; give the value without them" : undefined)
  );
});

export const secretCredential = secret(credential);

/** What stands before a credential in a header, where it may have been copied from. */
function prefixProblem(value: string): string | undefined {
  const [, word] = /^(Bearer|Basic|Token)\s/i.exec(value) ?? [];
  return word === undefined ? undefined : `begins with "${word}"; give the value alone`;
}

/**
 * The URL of a service that is sent credentials: `https`, or plain `http` within this machine.
 *
 * @param instead - which arguments take the user name and the password that a URL must not hold
 */
export function serviceUrl(instead?: string) {
  return flawless((url) => {
    if (hasCredentials(url)) {
      const advice = instead === undefined ? "" : `; give ${instead}`;
      return `must not have a user name or password in it${advice}`;
    }
    if (isHttps(url) || isLoopbackHttp(url)) return undefined;
    return "must be an https URL (plain http only for a loopback host)";
  });
}

/** Of a service that may be sent none. */
export const hookUrl = flawless((url) => {
  if (hasCredentials(url)) {
    return "must not have a user name or password in it; give username and password";
  }
  return isWebUrl(url) ? undefined : "must be an http or https URL";
});

/** Whether what is sent to the URL can be read on its way. */
export function isReadable(url: string): boolean {
  return isWebUrl(url) && !isHttps(url) && !isLoopbackHttp(url);
}

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== "" || password !== "";
}

function isWebUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
