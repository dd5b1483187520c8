/**
 * What a failed attempt to connect by SSH means for the user. Pure.
 *
 * The errors have no cause: they say in other words what it says, and a message would have both.
 */
import { messageOf } from "../../util/errors";
import { singleLine } from "../../util/text";
import { type Connection, HostError, type HostErrorCode } from "../host";
import { hangUp } from "../hang-up";
import { LoginRefused } from "../refused-login";
import type { Authentication } from "./auth";
import { DEFAULT_USER } from "../target";

const STEP = "connect";

/** An error of the TCP connection. */
export function socketError(label: string, error: NodeJS.ErrnoException): HostError {
  const [code, detail] = socketWords(error);
  return new HostError(code, { host: label, step: STEP, detail });
}

function socketWords(error: NodeJS.ErrnoException): [HostErrorCode, string] {
  const said = messageOf(error);
  switch (error.code) {
    case "ECONNREFUSED":
      return ["unreachable", "connection refused: nothing listens on that port (yet)"];
    case "ENOTFOUND":
      return ["unreachable", "no such host name"];
    case "EAI_AGAIN":
      return ["unreachable", "the name could not be looked up"];
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return ["unreachable", "no route to the host"];
    case "ETIMEDOUT":
      return ["timeout", "no answer"];
    default:
      return ["unreachable", said === "" ? (error.code ?? "failed") : said];
  }
}

/** An error for a server whose first words are another protocol's. */
export function otherProtocol(label: string, text: string): HostError | undefined {
  // eslint-disable-next-line no-control-regex -- a TLS record begins with them
  const known = /^(HTTP\/1|220[ -]|\* OK|\+OK|RFB |[\x15\x16]\x03)/.exec(text);
  if (known === null) return undefined;
  const line = singleLine(text.split(/\r?\n/, 1)[0] ?? "", 60);
  const detail = `something else than SSH answers on that port: "${line}"`;
  return new HostError("protocol", { host: label, step: STEP, detail });
}

/** An error between the first byte and being logged in. */
export function handshakeError(
  label: string,
  connection: Connection,
  error: Error & { level?: string; code?: unknown },
  authentication: Authentication,
  hostKeyRefusal: string | undefined,
  before: string,
): HostError {
  const at = (code: HostErrorCode, detail: string): HostError =>
    new HostError(code, { host: label, step: STEP, detail });
  // Before the host's key is known, these may be the words of anybody on the way.
  const said = singleLine(error.message);
  if (hostKeyRefusal !== undefined) return at("host-key", hostKeyRefusal);
  const refusal = authentication.refusal(connection.user ?? DEFAULT_USER);
  const refused = (detail: string): HostError =>
    new LoginRefused({ host: label, step: STEP, detail });
  if (error.level === "client-authentication") return refused(refusal);
  // "Too many authentication failures" comes as a plain goodbye.
  if (/authentication/i.test(said)) return refused(`${refusal}; the host said: ${said}`);
  if (/connection lost before handshake/i.test(said)) {
    return at("unreachable", hangUp(before));
  }
  const broken = /identification string|packet length|padding|invalid MAC|protocol/i;
  if (["handshake", "protocol"].includes(error.level ?? "") || broken.test(said)) {
    const detail = `${said}; where ssh2 lacks what the host wants, transport: "openssh" may have it`;
    return at("protocol", detail);
  }
  if (error.level === "client-socket") return socketError(label, error as NodeJS.ErrnoException);
  if (authentication.begun) return at("unreachable", `${said} while logging in`);
  return at("unreachable", said);
}
