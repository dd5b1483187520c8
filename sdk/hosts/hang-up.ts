/** What an SSH server says before it hangs up, in place of its own first line (RFC 4253 §4.2). Pure. */
import { singleLine } from "../util/text";

const CLOSED = "the host closed the connection";

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /not allowed at this time/i,
    "too many logins from here have failed, or too many are open: correct the login that is refused, wait some minutes, or name this address in PerSourcePenaltyExemptList in the host's sshd_config",
  ],
  [
    /exceeded maxstartups/i,
    "too many connections are logging in there at once: raise MaxStartups in the host's sshd_config",
  ],
];

/** @param lines - what came instead of the SSH server's first line, if anything did. */
export function hangUp(lines: string): string {
  const said = singleLine(lines, 200);
  if (said === "") return `${CLOSED} before it said anything`;
  const advice = ADVICE.find(([words]) => words.test(said))?.[1];
  return `${CLOSED} and said "${said}"${advice === undefined ? "" : `: ${advice}`}`;
}
