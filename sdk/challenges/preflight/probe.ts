/** Asking a name for its challenge as a CA does: one address after the other. */
import { messageOf, TimeoutError } from "../../util/errors";
import { isLinkLocal, isLoopback } from "../../util/host-name";
import { type Address, lookUp } from "./addresses";

/** Of one request, or one handshake. */
export const PROBE_MS = 10_000;

/** A challenge was not found, or could not be asked for. */
export class ProbeFailure extends Error {
  override readonly name = "ProbeFailure";
  /** The CA will fail as well; otherwise the reason may be where this machine stands. */
  readonly evident: boolean;

  constructor(message: string, evident: boolean, options?: ErrorOptions) {
    super(message, options);
    this.evident = evident;
  }
}

export interface ProbeOptions {
  /** `ip:port` of the name servers to ask; none: this machine's own way. */
  readonly resolvers: readonly string[];
  readonly signal: AbortSignal;
}

/** How one address is asked. */
export interface Probe<Answer> {
  /** @throws {@link ProbeFailure} for an answer that is wrong; any other error is one of the connection */
  ask(address: Address): Promise<Answer>;
  /** For messages: "http://a.example/ at 192.0.2.1". */
  describe(address: Address): string;
}

export interface Probed<Answer> {
  readonly answer: Answer;
  /** What a CA may see otherwise. */
  readonly remarks: readonly string[];
  /** Whether a CA asks there: not where only this machine's hosts file knows the name. */
  readonly asCa: boolean;
}

/**
 * Asks the addresses of `host`. Like a CA, it goes on to the next address only when there is no connection to the one
 * before.
 *
 * @throws {@link ProbeFailure}
 */
export async function probeAddresses<Answer>(
  host: string,
  { resolvers, signal }: ProbeOptions,
  probe: Probe<Answer>,
): Promise<Probed<Answer>> {
  const failures: ProbeFailure[] = [];
  const { addresses, inDns } = await addressesOf(host, resolvers, signal);
  const own = inDns ? [] : [`${host} is in this machine's hosts file, and not in DNS`];
  for (const address of addresses) {
    try {
      const answer = await probe.ask(address);
      return { answer, remarks: [...remarksOn(failures), ...own], asCa: inDns };
    } catch (error) {
      signal.throwIfAborted();
      const failure =
        error instanceof ProbeFailure
          ? error
          : connectionFailure(probe.describe(address), address, error);
      if (failure.evident && !isRefused(failure.cause))
        throw inDns ? failure : unsure(failure, own);
      failures.push(failure);
    }
  }
  throw new ProbeFailure(
    [...failures.map(({ message }) => message), ...own].join("; "),
    inDns && failures.every(({ evident }) => evident),
  );
}

function unsure(failure: ProbeFailure, why: readonly string[]): ProbeFailure {
  return new ProbeFailure([failure.message, ...why].join("; "), false, { cause: failure });
}

/** One of each family, IPv6 first: a CA does not go through a list. */
async function addressesOf(
  host: string,
  resolvers: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly addresses: readonly Address[]; readonly inDns: boolean }> {
  const found = await lookUp(host, resolvers, signal);
  if (found.kind === "absent") {
    throw new ProbeFailure(`${found.reason}: create the A or AAAA record of ${host} first`, true);
  }
  if (found.kind === "unknown") throw new ProbeFailure(`${host}: ${found.reason}`, false);
  const { addresses, inDns } = found;
  const askable = addresses.filter(({ address }) => !isLinkLocal(address));
  if (askable.length === 0) {
    const where = addresses.map(({ address }) => address).join(", ");
    throw new ProbeFailure(
      `${host} points to ${where}, a link-local address: no CA asks there`,
      inDns,
    );
  }
  const one = ([6, 4] as const).flatMap((family) => askable.find((a) => a.family === family) ?? []);
  return { addresses: one, inDns };
}

/** Many networks have no IPv6, which says nothing; a port that refuses over IPv6 is what the CA meets first. */
function remarksOn(failures: readonly ProbeFailure[]): string[] {
  return failures
    .filter(({ cause }) => !isNoRoute(cause))
    .map(({ message }) => `${message} (a CA tries it first)`);
}

function connectionFailure(what: string, { address }: Address, error: unknown): ProbeFailure {
  const refused = isRefused(error);
  const why =
    error instanceof TimeoutError
      ? `no answer within ${String(PROBE_MS / 1000)} s`
      : refused
        ? "connection refused"
        : messageOf(error);
  // A name that leads to a loopback address is asked by a CA on this machine, which will be refused as well.
  return new ProbeFailure(`${what}: ${why}`, refused && isLoopback(address), { cause: error });
}

function isRefused(error: unknown): boolean {
  return codeOf(error) === "ECONNREFUSED";
}

function isNoRoute(error: unknown): boolean {
  return ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}
