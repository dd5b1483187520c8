/** What name servers answered about records, and whether that is enough. Pure. */
import { describeSpan } from "../../util/duration";
import { enumerate } from "../../util/text";

/** One server that is asked for one record. */
export interface Observation {
  /** The TXT record's name, and the value that it has to have among others. */
  readonly record: string;
  readonly value: string;
  /** For people: "ns1.example.com (192.0.2.1)". */
  readonly server: string;
  readonly family: 4 | 6;
  readonly answer: Answer;
}

export type Answer =
  | "present"
  /** It answers, without the value. */
  | "absent"
  /** The same by a resolver, which may say so for that many more seconds (RFC 2308). */
  | { readonly deniedFor: number }
  | NoReply;

export type NoReply =
  /** `SERVFAIL`, `REFUSED` … */
  | { readonly rcode: string }
  /** What goes on after the server's name: "does not answer …". */
  | { readonly silent: string }
  | { readonly unreachable: string };

export function isReply(answer: Answer): boolean {
  return typeof answer === "string" || "deniedFor" in answer;
}

/** After so many rounds, an address family over which no server has answered counts as one that this machine lacks. */
const ROUNDS_BEFORE_UNREACHABLE = 3;

export interface Evaluation {
  readonly done: boolean;
  readonly missing: readonly Observation[];
  /** A family that was left out, though this machine claims to have it. */
  readonly remark?: string;
}

/**
 * Whether every server of every record has it. Servers of an address family over which nobody answers from here are
 * left out, where those of the other family all have it: many networks have no IPv6, and that is no reason to wait.
 *
 * @param rounds - how many times all servers have been asked
 */
export function evaluate(observations: readonly Observation[], rounds: number): Evaluation {
  const missing = observations.filter(({ answer }) => answer !== "present");
  const [dead] = ([6, 4] as const).filter((family) => isDead(observations, family, rounds));
  const blocking = missing.filter(({ family }) => family !== dead);
  const covered = new Set(
    observations.filter(({ family }) => family !== dead).map(({ record }) => record),
  );
  const done = blocking.length === 0 && observations.every(({ record }) => covered.has(record));
  if (!done) return { done, missing };
  const silent = missing.some(({ answer }) => typeof answer === "object" && "silent" in answer);
  if (!silent || dead === undefined) return { done, missing };
  return {
    done,
    missing,
    remark: `no name server answers over IPv${String(dead)} from here; only the others were checked`,
  };
}

function isDead(observations: readonly Observation[], family: 4 | 6, rounds: number): boolean {
  const own = observations.filter((observation) => observation.family === family);
  return (
    own.length > 0 &&
    own.every(
      ({ answer }) =>
        typeof answer === "object" &&
        ("unreachable" in answer || ("silent" in answer && rounds >= ROUNDS_BEFORE_UNREACHABLE)),
    )
  );
}

const SHOWN = 8;

/** "ns2.example.com (192.0.2.2) does not have _acme-challenge.a.example yet; …", the same answer once per server. */
export function describeMissing(missing: readonly Observation[]): string {
  const groups = new Map<string, Set<string>>();
  for (const { server, record, answer } of missing) {
    const words = `${server} ${describeAnswer(answer)}`;
    groups.set(words, (groups.get(words) ?? new Set()).add(record));
  }
  const lines = [...groups].map(([words, records]) => {
    const names = [...records];
    const shown = names.length <= 3 ? enumerate(names) : `${String(names.length)} records`;
    return words.replace("%", shown);
  });
  const more = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN), ...(more > 0 ? [`and ${String(more)} more`] : [])].join("; ");
}

/** `%` stands for the records. */
function describeAnswer(answer: Answer): string {
  if (answer === "present") return "has %";
  if (answer === "absent") return "does not have % yet";
  if ("deniedFor" in answer) {
    return `does not have % yet, and may remember that for ${describeSpan(answer.deniedFor * 1000)}`;
  }
  if ("rcode" in answer) return `answers ${answer.rcode} for %`;
  return `${"silent" in answer ? answer.silent : answer.unreachable}, asked for %`;
}

/** The settings of `propagation` that are in use. */
export interface WaitSettings {
  readonly check?: "authoritative" | "resolvers" | "none";
  readonly resolvers?: readonly string[];
  readonly delay?: string;
}

/** Which settings may help that are not in use yet. */
export function adviceFor(
  missing: readonly Observation[],
  { check = "authoritative", resolvers, delay }: WaitSettings,
): string {
  const answers = missing.map(({ answer }) => answer);
  const unanswered = answers.length === 0 || answers.some((answer) => !isReply(answer));
  const advice = ["timeout waits longer"];
  if (answers.some((answer) => typeof answer === "object" && "deniedFor" in answer)) {
    const what = delay === undefined ? "delay waits" : "a longer delay waits";
    advice.push(`${what} before the first question, so that no resolver remembers a denial`);
  }
  if (check === "authoritative" && unanswered) {
    advice.push(
      'check: "resolvers" asks resolvers instead, where a firewall blocks questions to name servers',
    );
  }
  if (resolvers === undefined) {
    advice.push("resolvers names the servers that know the zone, as with split DNS");
  }
  if (unanswered) advice.push('check: "none" asks nobody');
  return `propagation: ${advice.join("; ")}`;
}
