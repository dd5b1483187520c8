/**
 * The shape of a resource's handler and the guard around it.
 *
 * Handlers receive and return plain data. The guard is where the traps of the dynamic-provider process are met once
 * for all: a thrown `undefined` hangs the deployment, a foreign error's `.id` reads as a partial failure, a stack is
 * printed beside the message, a result without `__provider` can never be destroyed, and words of a CA, a host or DNS
 * that stand in a message would be obeyed by the terminal.
 */
import { messageOf } from "../../util/errors";
import { printable } from "../../util/text";
import { describeDefect, isDefect } from "../../util/defect";
import { inClear, toWire } from "./wire";

export type Properties = Record<string, unknown>;

export interface CheckFailure {
  /** `dnsNames[1]`, `solvers[0].http01.webroot.path`. Joined to the reason, because the CLI prints the *value* of a failure's property. */
  readonly path: string;
  /** What is wrong and what to do; never the value of a secret. */
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface DiffResult {
  readonly changes: boolean;
  /** Names of properties whose change replaces the resource. */
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}

export interface ReadResult {
  /** Absent: the resource is gone. */
  readonly id?: string;
  readonly props?: Properties;
}

/** One resource's decisions and deeds; all data is plain, all secrets are in clear. */
export interface Handler {
  /** News are the program's inputs; they may hold unknowns in preview. */
  check(olds: Properties, news: Properties): Promise<CheckResult>;
  /** No network. Says why on the resource's row. */
  diff(id: string, olds: Properties, news: Properties): Promise<DiffResult>;
  /** The guard gives the id. */
  create(inputs: Properties): Promise<{ outs: Properties }>;
  read(id: string, props: Properties): Promise<ReadResult>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

/**
 * The operation failed, but something was achieved that must not be lost: it is written to the state, and the next
 * `up` calls `update` with it.
 */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";
  readonly achieved: Properties;

  /** @param achieved - the state of what was achieved */
  constructor(message: string, achieved: object, options?: ErrorOptions) {
    super(message, options);
    this.achieved = { ...achieved };
  }
}

/** Wraps a handler into what the dynamic-provider process calls. */
export function guard(handler: Handler): GuardedHandler {
  const inner = withoutWrappers(handler);
  return {
    check: (olds, news) =>
      guarded(async () => {
        const { inputs, failures } = await inner.check(olds, news);
        return {
          inputs: toWire(inputs) as Properties,
          failures: failures.map(({ path, reason }) => ({
            // Anything else here makes the CLI print that property's value, secrets included.
            property: "",
            reason: printable(path === "" ? reason : `${path}: ${reason}`),
          })),
        };
      }),
    diff: (id, olds, news) => guarded(() => inner.diff(id, olds, news)),
    create: (inputs) =>
      guarded(async () => {
        const id = newId();
        try {
          const { outs } = await inner.create(inputs);
          return { id, outs: stored(outs, inputs) };
        } catch (error) {
          throw partial(error, id, inputs);
        }
      }),
    read: (id, props) =>
      guarded(async () => {
        const result = await inner.read(id, props);
        return result.props === undefined
          ? result
          : { ...result, props: stored(result.props, props) };
      }),
    update: (id, olds, news) =>
      guarded(async () => {
        try {
          const { outs } = await inner.update(id, olds, news);
          return { outs: stored(outs, news) };
        } catch (error) {
          throw partial(error, id, news);
        }
      }),
    delete: (id, props) => guarded(() => inner.delete(id, props)),
  };
}

/** The engine hands secrets over in clear; whoever passes on what `check` or `create` returned does not. */
function withoutWrappers(handler: Handler): Handler {
  const clear = (properties: Properties): Properties => inClear(properties) as Properties;
  return {
    check: (olds, news) => handler.check(clear(olds), clear(news)),
    diff: (id, olds, news) => handler.diff(id, clear(olds), clear(news)),
    create: (inputs) => handler.create(clear(inputs)),
    read: (id, props) => handler.read(id, clear(props)),
    update: (id, olds, news) => handler.update(id, clear(olds), clear(news)),
    delete: (id, props) => handler.delete(id, clear(props)),
  };
}

/** A handler as the engine calls it. */
export interface GuardedHandler extends Omit<Handler, "check" | "create"> {
  check: EngineCheck;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
}

/** `check` as the engine wants it: `property` and `reason`. */
type EngineCheck = (
  olds: Properties,
  news: Properties,
) => Promise<{ inputs: Properties; failures: readonly { property: string; reason: string }[] }>;

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StatefulError ? error : plain(shown(error));
  }
}

/** What the engine reads as a partial failure: an error with `id`, `properties` and `reasons`. */
class StatefulError extends Error {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];

  constructor(message: string, id: string, properties: Properties) {
    super(message);
    this.stack = message;
    this.id = id;
    this.properties = properties;
    this.reasons = [message];
  }
}

function partial(error: unknown, id: string, inputs: Properties): unknown {
  if (!(error instanceof PartialFailure)) return error;
  return new StatefulError(shown(error), id, stored(error.achieved, inputs));
}

function shown(error: unknown): string {
  return printable(isDefect(error) ? describeDefect(error) : messageOf(error));
}

/** A fresh error: only the message, no stack, no foreign properties. */
function plain(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

/** Outputs as they are stored. `__provider` and `__urn` go along: `read` and `delete` see outputs only. */
function stored(outs: Properties, inputs: Properties): Properties {
  return toWire({
    ...outs,
    stateVersion: 1,
    __provider: inputs["__provider"],
    __urn: inputs["__urn"],
  }) as Properties;
}

/** Ids are opaque: a URL or a path in them would tie the state to where things lie. */
function newId(): string {
  return globalThis.crypto.randomUUID();
}
