/** Looking for records where a CA will: the name itself at all its servers, and from there wherever they lead. */
import { isIPv6 } from "node:net";

import { type Authorities, authoritiesBy, NoZone } from "../../dns/authority";
import { answersTo, endOf, MAX_CNAMES, targetOf } from "../../dns/chain";
import { describeWay, type Way } from "../../dns/delegation";
import { ask } from "../../dns/exchange";
import { type Resolvers, resolversAt } from "../../dns/lookup";
import type { DnsReply } from "../../dns/message";
import { NoAnswer, nameOf, type Server } from "../../dns/server";
import { createSemaphore } from "../../util/concurrency";
import { messageOf } from "../../util/errors";
import {
  describeMissing,
  evaluate,
  isReply,
  type Answer,
  type NoReply,
  type Observation,
} from "./observations";

export interface VisibleRecord {
  /** Where the CA looks. */
  readonly name: string;
  readonly value: string;
  /** Default: is the value. */
  readonly matches?: (text: string) => boolean;
  /** The CNAMEs that were followed when it was placed. */
  readonly way?: Way;
}

export interface WatchContext {
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
  /** Of authoritative servers; others than 53 are for tests. */
  readonly port?: number;
}

type LabelledServer = Server & { readonly label: string; readonly recurse: boolean };

/** What one server says of one record: an answer, or another name. */
type Finding = { readonly server: LabelledServer; readonly answer: Answer } | Target;

interface Target {
  readonly target: string;
}

export interface Look {
  readonly done: boolean;
  /** What is missing, for people. */
  readonly words: string;
  readonly missing: readonly Observation[];
  readonly remark?: string;
}

const AT_ONCE = 32;

export class Watch {
  readonly #records: readonly VisibleRecord[];
  readonly #resolvers: Resolvers;
  readonly #byResolvers: boolean;
  readonly #context: WatchContext;
  readonly #authorities: Authorities;
  readonly #semaphore = createSemaphore(AT_ONCE);
  /** Who has shown which value: they are not asked again. */
  readonly #shown = new Set<string>();
  /** Of this round: one question serves all records of a name. */
  readonly #replies = new Map<string, Promise<DnsReply | NoReply>>();
  /** Why servers of a name were not found in this round. */
  readonly #problems = new Set<string>();
  #rounds = 0;
  #warned = false;

  /** @param byResolvers - the resolvers are asked for the records, not only for the name servers */
  constructor(
    records: readonly VisibleRecord[],
    resolvers: readonly string[] | undefined,
    byResolvers: boolean,
    context: WatchContext,
  ) {
    this.#records = records;
    this.#resolvers = resolversAt(resolvers, context.signal);
    this.#authorities = authoritiesBy(this.#resolvers, context.signal, context.port);
    this.#byResolvers = byResolvers;
    this.#context = context;
  }

  /** One round. CNAMEs are followed anew in each: a wildcard stands for a name only until its record is there. */
  async look(): Promise<Look> {
    this.#rounds += 1;
    this.#replies.clear();
    this.#problems.clear();
    const observed = await Promise.all(this.#records.map((record) => this.#observe(record)));
    const { done, missing, remark } = evaluate(observed.flat(), this.#rounds);
    const words = [...this.#problems, describeMissing(missing)].filter((each) => each !== "");
    const asked = this.#problems.size === 0 && observed.every(({ length }) => length > 0);
    return { done: done && asked, words: words.join("; "), missing, remark };
  }

  async #observe(record: VisibleRecord): Promise<Observation[]> {
    const observations: Observation[] = [];
    const ways = new Map<string, Way["path"]>([[record.name, [record.name]]]);
    for (const [name, path] of ways) {
      const servers = await this.#serversOf(name);
      const findings = await Promise.all(
        servers.map(async (server) => this.#find(record, name, server)),
      );
      for (const finding of relevant(findings, path, record.way)) {
        if ("answer" in finding) {
          observations.push(observationOf(record, path, finding));
        } else if (path.includes(finding.target) || path.length > MAX_CNAMES) {
          this.#problems.add(`CNAMEs without an end: ${[...path, finding.target].join(" → ")}`);
        } else if (!ways.has(finding.target)) {
          ways.set(finding.target, [...path, finding.target]);
        }
      }
    }
    return observations;
  }

  async #find(record: VisibleRecord, name: string, server: LabelledServer): Promise<Finding> {
    const key = `${server.label} ${name} ${record.value}`;
    if (this.#shown.has(key)) return { server, answer: "present" };
    const reply = await this.#reply(server, name);
    if (!("answers" in reply)) return { server, answer: reply };
    const { matches = (text: string) => text === record.value } = record;
    // A resolver follows by itself; of another zone's records a name server may have an old copy.
    const end = server.recurse ? endOf(name, reply) : name;
    const texts = answersTo(name, "TXT", reply).filter((found) => found.name === end);
    if (texts.some(({ text }) => matches(text))) {
      this.#shown.add(key);
      return { server, answer: "present" };
    }
    const target = server.recurse && end !== name ? end : targetOf(name, reply);
    if (target !== undefined) return { target };
    const { deniedFor = 0 } = reply;
    return { server, answer: server.recurse && deniedFor > 0 ? { deniedFor } : "absent" };
  }

  #reply(server: LabelledServer, name: string): Promise<DnsReply | NoReply> {
    const key = `${server.label} ${name}`;
    const asked =
      this.#replies.get(key) ??
      this.#semaphore.run(this.#context.signal, () => this.#ask(server, name));
    this.#replies.set(key, asked);
    return asked;
  }

  async #ask(server: LabelledServer, name: string): Promise<DnsReply | NoReply> {
    const { signal } = this.#context;
    try {
      const question = { name, type: "TXT", recurse: server.recurse } as const;
      const reply = await ask(server, question, { signal, tries: 1 });
      const { rcode } = reply;
      return rcode === "NOERROR" || rcode === "NXDOMAIN" ? reply : { rcode };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
      return error.unreachable ? { unreachable: error.problem } : { silent: error.problem };
    }
  }

  async #serversOf(name: string): Promise<readonly LabelledServer[]> {
    if (this.#byResolvers) return this.#resolverServers();
    try {
      const { servers } = await this.#authorities.of(name);
      return servers.map((server) => ({
        ...server,
        label: `${server.name} (${server.address})`,
        recurse: false,
      }));
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (error instanceof NoZone) {
        this.#warn(`DNS: ${error.message}; the resolvers are asked for the records instead`);
        return this.#resolverServers();
      }
      this.#problems.add(messageOf(error));
      return [];
    }
  }

  #warn(message: string): void {
    if (!this.#warned) this.#context.warn(message);
    this.#warned = true;
  }

  #resolverServers(): readonly LabelledServer[] {
    if (this.#resolvers.servers.length === 0) this.#problems.add("there is no resolver to ask");
    return this.#resolvers.servers.map((server) => ({
      ...server,
      label: nameOf(server),
      recurse: true,
    }));
  }
}

/**
 * Servers that do not answer count only where no other one leads on, as for a CA's resolver. Where none answers, the way
 * that was found when the record was placed still holds.
 */
function relevant(
  findings: readonly Finding[],
  path: Way["path"],
  way: Way | undefined,
): readonly Finding[] {
  const replied = findings.filter((each) => "target" in each || isReply(each.answer));
  if (replied.some((each) => "target" in each)) return replied;
  const next = path.every((name, index) => name === way?.path[index])
    ? way?.path[path.length]
    : undefined;
  return replied.length === 0 && next !== undefined ? [{ target: next }] : findings;
}

function observationOf(
  record: VisibleRecord,
  path: Way["path"],
  { server, answer }: Exclude<Finding, Target>,
): Observation {
  return {
    record: describeWay({ path }),
    value: record.value,
    server: server.label,
    family: "address" in server && isIPv6(server.address) ? 6 : 4,
    answer,
  };
}
