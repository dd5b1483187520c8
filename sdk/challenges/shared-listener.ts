/** A port of a host, or of this machine, that this process answers while names are being proven. */
import type { Duplex } from "node:stream";

import { describeTarget, type HostError, type Target, withHost } from "../hosts";
import { delay, unlessAborted } from "../util/abort";
import { hostAndPort } from "../util/host-name";
import type { SolverContext } from "./solver";

export interface ListenAddress {
  readonly target: Target;
  readonly port: number;
  /** What is bound; default: all addresses. */
  readonly address?: string | undefined;
}

/** What answers on a port. */
export interface Responder<Answers> {
  /** Filled by those who use the port. */
  readonly answers: Answers;
  accept(connection: Duplex): void;
  close(): void;
}

/** One use of a shared port. */
export interface Listening<Answers> {
  readonly answers: Answers;
  /** Why nothing is answered any more, as when a tunnel was cut. */
  readonly broken: () => string | undefined;
  /** The last user to leave closes the port. Idempotent. */
  readonly leave: () => Promise<void>;
}

interface Shared<Answers> {
  readonly opening: Promise<Opened<Answers>>;
  readonly abandon: AbortController;
  readonly listeners: Set<(reason: string) => void>;
  broken: string | undefined;
  users: number;
}

interface Opened<Answers> {
  readonly answers: Answers;
  readonly close: () => Promise<void>;
}

/** A CA asks and closes; a client that stays longer takes a connection that others need. */
const CONNECTION_MS = 15_000;
/** So many can be open at once; the oldest makes room for the next, since a CA does not stay. */
const MAX_CONNECTIONS = 64;
/** Between two checks whether the others have left a broken port. */
const RETRY_MS = 50;

/**
 * Ports by their address, each opened once: all resources of a deployment share one process, and a port can be bound
 * only once.
 */
export class SharedListeners<Answers> {
  readonly #ports = new Map<string, Shared<Answers>>();
  /* A port can be opened again only once it has been closed. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #respond: () => Responder<Answers>;

  constructor(respond: () => Responder<Answers>) {
    this.#respond = respond;
  }

  /** @throws {@link HostError} when the port cannot be had. */
  async join(at: ListenAddress, context: SolverContext): Promise<Listening<Answers>> {
    const key = `${describeTarget(at.target)} ${describePort(at)}`;
    for (;;) {
      context.signal.throwIfAborted();
      const before = this.#closing.get(key);
      if (before !== undefined) {
        await unlessAborted(context.signal, before);
        continue;
      }
      // A broken port is opened anew once its users have left.
      if (this.#ports.get(key)?.broken === undefined) break;
      await delay(RETRY_MS, context.signal);
    }
    const shared = this.#ports.get(key) ?? this.#open(key, at, context);
    shared.users += 1;
    shared.listeners.add(context.warn);
    let left: Promise<void> | undefined;
    const leave = (): Promise<void> => {
      shared.listeners.delete(context.warn);
      return (left ??= this.#leave(key, shared));
    };
    try {
      const { answers } = await unlessAborted(context.signal, shared.opening);
      return { answers, leave, broken: () => shared.broken };
    } catch (error) {
      await leave();
      throw error;
    }
  }

  #open(key: string, at: ListenAddress, { progress }: SolverContext): Shared<Answers> {
    const abandon = new AbortController();
    const responder = this.#respond();
    const shared: Shared<Answers> = {
      abandon,
      listeners: new Set(),
      broken: undefined,
      users: 0,
      opening: listenAt(at, responder, { signal: abandon.signal, progress }, (reason) => {
        shared.broken = reason;
        for (const tell of shared.listeners) tell(reason);
      }),
    };
    this.#ports.set(key, shared);
    return shared;
  }

  async #leave(key: string, shared: Shared<Answers>): Promise<void> {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#ports.delete(key);
    shared.abandon.abort(new Error("no certificate uses this port any more"));
    const closed = shared.opening.then(
      ({ close }) => close(),
      () => undefined,
    );
    this.#closing.set(key, closed);
    await closed;
    this.#closing.delete(key);
  }
}

/** `*:80`, `[2001:db8::1]:443`. */
export function describePort({ port, address }: ListenAddress): string {
  return hostAndPort(address ?? "*", port);
}

/** Listens, and keeps the connection to the host until it is closed. */
function listenAt<Answers>(
  { target, port, address }: ListenAddress,
  responder: Responder<Answers>,
  options: { readonly signal: AbortSignal; readonly progress: (message: string) => void },
  onLost: (reason: string) => void,
): Promise<Opened<Answers>> {
  const connections = new Set<Duplex>();
  const accept = (connection: Duplex): void => {
    const [oldest] = connections;
    if (oldest !== undefined && connections.size >= MAX_CONNECTIONS) {
      connections.delete(oldest);
      oldest.destroy();
    }
    connections.add(connection);
    const timer = setTimeout(() => connection.destroy(), CONNECTION_MS);
    connection.on("error", () => undefined);
    connection.once("close", () => {
      clearTimeout(timer);
      connections.delete(connection);
    });
    responder.accept(connection);
  };
  return new Promise((resolve, reject) => {
    let release = (): void => undefined;
    const held = new Promise<void>((done) => (release = done));
    const visit = withHost(
      target,
      async (host) => {
        const { signal } = options;
        const listener = await host.listen(port, { signal, address }, accept);
        void listener.lost.then((error: HostError) => {
          onLost(error.message);
        });
        resolve({
          answers: responder.answers,
          close: async () => {
            await listener.close();
            for (const connection of connections) connection.destroy();
            responder.close();
            release();
            await visit;
          },
        });
        await held;
      },
      options,
    );
    visit.catch(reject);
  });
}
