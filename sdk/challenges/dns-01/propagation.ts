/** Waiting until records are visible where the CA will look them up: one wait for the whole set. */
import { isIPv6 } from "node:net";

import { delay } from "../../util/abort";
import { type Backoff, backoffMs } from "../../util/backoff";
import { describeSpan, durationMs } from "../../util/duration";
import { messageOf } from "../../util/errors";
import { ChallengeError, type SolverContext } from "../solver";
import { mapConcurrent } from "../../util/concurrency";
import { type Authorities, authoritiesBy, NoZone } from "../../dns/authority";
import { ask, NoAnswer, nameOf, type ServerAddress } from "../../dns/exchange";
import { type Resolvers, resolversAt } from "../../dns/lookup";
import { describeMissing, evaluate, type Answer, type Observation } from "./observations";

/** Where, and how long. */
export interface Propagation {
  /**
   * `authoritative` (the default): all name servers of the zone, over every address family that this machine has;
   * `resolvers`: the given ones, else this machine's; `none`: none is asked.
   */
  readonly check?: "authoritative" | "resolvers" | "none";
  /** `ip` or `ip:port`. For `authoritative` they are asked for the name servers. */
  readonly resolvers?: readonly string[];
  /** Waited before the first question; with `none`, the whole wait. Default: none. */
  readonly delay?: string;
  /** How long servers are asked. Default: `2m`. */
  readonly timeout?: string;
}

export interface VisibleRecord {
  /** At the end of CNAMEs. */
  readonly name: string;
  readonly value: string;
  /** Default: is the value. */
  readonly matches?: (text: string) => boolean;
}

export interface PropagationContext extends SolverContext {
  /** Of authoritative servers; others than 53 are for tests. */
  readonly port?: number;
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const TIMEOUT = "2m";
const BETWEEN_ROUNDS: Backoff = { initialMs: 500, factor: 1.5, maxMs: 5000 };
const AT_ONCE = 32;

/**
 * Resolves once every server that is asked has every record.
 *
 * @throws {@link ChallengeError} when that is not so in time, naming each server and what it answers
 */
export async function waitForPropagation(
  records: readonly VisibleRecord[],
  propagation: Propagation,
  context: PropagationContext,
): Promise<void> {
  const { check = "authoritative" } = propagation;
  const { signal, pause = delay } = context;
  if (records.length === 0) return;
  if (propagation.delay !== undefined) {
    context.progress(`waits ${propagation.delay} for the DNS records to spread`);
    await pause(durationMs(propagation.delay), signal);
  }
  if (check === "none") return;
  const watch = new Watch(records, propagation, context);
  const timeout = durationMs(propagation.timeout ?? TIMEOUT);
  const end = Date.now() + timeout;
  for (let round = 1; ; round++) {
    await watch.ask();
    const result = watch.evaluate(round);
    if (result.done) {
      if (result.remark !== undefined) context.warn(`DNS: ${result.remark}`);
      return;
    }
    const wait = backoffMs(BETWEEN_ROUNDS, round - 1);
    if (Date.now() + wait > end) {
      throw new ChallengeError(
        `the DNS records are not visible everywhere after ${describeSpan(timeout)}: ${result.words} (propagation: check "resolvers" or "none" asks others or nobody, timeout waits longer)`,
      );
    }
    context.progress(`waits for the DNS records: ${result.words}`);
    await pause(wait, signal);
  }
}

/** Which servers are asked for which records, and what they answered last. */
class Watch {
  readonly #records: readonly VisibleRecord[];
  readonly #resolvers: Resolvers;
  readonly #byResolvers: boolean;
  readonly #context: PropagationContext;
  readonly #authorities: Authorities;
  readonly #observations = new Map<string, Observation>();
  /** Names whose servers cannot be found, and why. */
  readonly #unknown = new Map<string, string>();
  /** Whether the user has been warned that no zone is known. */
  #warned = false;

  constructor(
    records: readonly VisibleRecord[],
    propagation: Propagation,
    context: PropagationContext,
  ) {
    this.#records = records;
    this.#resolvers = resolversAt(propagation.resolvers, context.signal);
    this.#authorities = authoritiesBy(this.#resolvers, context.signal, context.port);
    this.#byResolvers = propagation.check === "resolvers";
    this.#context = context;
  }

  /** Asks every server that has not had a record yet. */
  async ask(): Promise<void> {
    const names = [...new Set(this.#records.map(({ name }) => name))];
    const known = await mapConcurrent(AT_ONCE, names, (name) => this.#serversOf(name));
    const servers = new Map(names.map((name, index) => [name, known[index] ?? []]));
    const questions = this.#records.flatMap((record) =>
      (servers.get(record.name) ?? []).map((server) => ({ record, server })),
    );
    const open = questions.filter(
      ({ record, server }) => this.#observations.get(keyOf(record, server))?.answer !== "present",
    );
    await mapConcurrent(AT_ONCE, open, async ({ record, server }) => {
      const answer = await this.#askOne(record, server);
      this.#observations.set(keyOf(record, server), {
        record: record.name,
        value: record.value,
        server: server.label,
        family: isIPv6(server.address) ? 6 : 4,
        answer,
      });
    });
  }

  evaluate(rounds: number): { done: boolean; words: string; remark?: string } {
    const { done, missing, remark } = evaluate([...this.#observations.values()], rounds);
    const words = [...this.#unknown.values(), describeMissing(missing)].filter((w) => w !== "");
    return {
      done: done && this.#unknown.size === 0,
      words: [...new Set(words)].join("; "),
      remark,
    };
  }

  async #serversOf(name: string): Promise<readonly LabelledServer[]> {
    if (this.#byResolvers) return this.#resolverServers();
    try {
      const { servers } = await this.#authorities.of(name);
      this.#unknown.delete(name);
      return servers.map((server) => ({
        ...server,
        label: `${server.name} (${server.address})`,
        recurse: false,
      }));
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (error instanceof NoZone) {
        if (!this.#warned) {
          this.#context.warn(
            `DNS: ${error.message}; the resolvers are asked for the records instead`,
          );
        }
        this.#warned = true;
        return this.#resolverServers();
      }
      this.#unknown.set(name, messageOf(error));
      return [];
    }
  }

  #resolverServers(): readonly LabelledServer[] {
    return this.#resolvers.servers.map((server) => ({
      ...server,
      label: nameOf(server),
      recurse: true,
    }));
  }

  async #askOne(record: VisibleRecord, server: LabelledServer): Promise<Answer> {
    const { signal } = this.#context;
    const question = { name: record.name, type: "TXT", recurse: server.recurse } as const;
    try {
      const { rcode, answers } = await ask(server, question, { signal, tries: 1 });
      if (rcode !== "NOERROR" && rcode !== "NXDOMAIN") return { rcode };
      const { matches = (text: string) => text === record.value } = record;
      const found = answers.some(({ type, text }) => type === "TXT" && matches(text));
      return found ? "present" : "absent";
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
      return error.unreachable ? { unreachable: error.message } : { silent: error.message };
    }
  }
}

interface LabelledServer extends ServerAddress {
  readonly label: string;
  readonly recurse: boolean;
}

function keyOf(record: VisibleRecord, server: LabelledServer): string {
  return `${record.name} ${record.value} ${server.label}`;
}
