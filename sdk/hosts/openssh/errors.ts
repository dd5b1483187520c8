/** What the command `ssh` says when it does not get through. Pure. */
import { lastWords } from "../command/last-words";
import { type Connection, HostError, type HostErrorCode } from "../host";
import { describeKey, expectedKeys } from "../host-key";
import { hangUp } from "../hang-up";
import { LoginRefused } from "../refused-login";
import { describeUser } from "../target";

const DEBUG = /^(?:debug\d: |Authenticated to |Transferred: |Bytes per second: ).*\n?/gm;
const MAX_SAID = 4096;

/** What `ssh` prints without its debug messages: the words of the host, and its own last ones. */
export function withoutDebug(printed: string): string {
  return printed.replace(DEBUG, "");
}

/** The error for a login that failed; all that is known of the cause is text. */
export function openSshError(label: string, connection: Connection, printed: string): HostError {
  // What decides is in its last lines, and patterns may be slow on a host's long greeting.
  const said = withoutDebug(printed).slice(-MAX_SAID);
  const at = (code: HostErrorCode, detail: string): HostError =>
    new HostError(code, { host: label, step: "connect", detail });
  if (/host key verification failed|no .* host key is known|host key .*revoked/i.test(said)) {
    return at("host-key", hostKeyWords(connection, said));
  }
  const denied = /permission denied \(([a-z,-]+)\)/i.exec(said);
  if (denied !== null || /too many authentication failures/i.test(said)) {
    const allows = denied === null ? "" : `; the host allows ${denied[1] ?? ""}`;
    const user = /([^\s@]+)@\S+: permission denied/i.exec(said)?.[1] ?? describeUser(connection);
    const reason = /too many authentication failures/i.test(said)
      ? ": too many keys of the agent were tried; give the right one as privateKey"
      : "";
    const detail = `user ${user} was refused${reason}${allows}`;
    return new LoginRefused({ host: label, step: "connect", detail });
  }
  const network: [RegExp, HostErrorCode, string][] = [
    [
      /connection refused/i,
      "unreachable",
      "connection refused: nothing listens on that port (yet)",
    ],
    [/could not resolve|name or service not known/i, "unreachable", "no such host name"],
    [/no route to host|network is unreachable/i, "unreachable", "no route to the host"],
    [/timed out/i, "timeout", "no answer"],
    [/kex_exchange_identification: .*(closed|reset)/i, "unreachable", hangUp(banner(printed))],
    [/connection (closed|reset)|broken pipe/i, "unreachable", "the host closed the connection"],
  ];
  for (const [pattern, code, detail] of network) if (pattern.test(said)) return at(code, detail);
  return at("protocol", `ssh gave up: ${lastWords(said)}`);
}

/** The lines that came in place of the server's first one. */
function banner(printed: string): string {
  return [...printed.matchAll(/^debug1: \w+: banner line \d+: (.*)$/gm)]
    .map(([, line]) => line)
    .join(" ");
}

function hostKeyWords(connection: Connection, said: string): string {
  const { accepted } = expectedKeys(connection);
  const shown = /\bSHA256:[A-Za-z0-9+/]+/.exec(said)?.[0];
  const expected = accepted.map(({ type, blob }) => describeKey(type, blob)).join(" or ");
  const actual = shown === undefined ? "it shows another key" : `it shows ${shown}`;
  return expected === ""
    ? `${actual}, and knownHosts has no line for this host: add one, from a source that you trust`
    : `${actual}, expected is ${expected}: somebody may be in between; if the host was set up anew, correct hostKey or knownHosts`;
}
