/** Whether a service still answers after it was given another configuration. */
import { type Endpoint, look } from "../../deploy";
import { openPort } from "../../deploy/reach";
import type { Host } from "../../hosts";
import { delay, withDeadline } from "../../util/abort";
import { durationMs } from "../../util/duration";
import { messageOf, TimeoutError } from "../../util/errors";
import { hostAndPort } from "../../util/host-name";
import { type AskedPort, askedPorts } from "../arguments/asked-ports";
import type { ServiceConfigArguments } from "./arguments";

const DEFAULT_TIMEOUT_MS = 30_000;
const CONNECT_MS = 5000;
const POLL_MS = 200;
/** Services end a reload before they have done it: for so long the old processes may answer yet. */
const SETTLING_MS = 1000;

export type Answer = "tls" | "tcp";

const NAMES: Readonly<Record<Answer, string>> = { tls: "a TLS handshake", tcp: "a connection" };

/** What has to answer, and how. */
export interface Expectation {
  readonly endpoint: Endpoint & AskedPort;
  readonly answer: Answer;
  /** It did so before; else somebody asked for it. */
  readonly answeredBefore: boolean;
  readonly timeoutMs: number;
}

/** Where the service is asked. */
export function endpointsOf(args: ServiceConfigArguments): (Endpoint & AskedPort)[] {
  const { verify } = args;
  const serverName = typeof verify === "object" ? verify.serverName : undefined;
  return askedPorts(args).map((port) => ({ ...port, serverName: serverName ?? port.address }));
}

/** Asked before the file is written: an address that the user names must answer, another one if it does so now. */
export async function expectationsOf(
  host: Host,
  args: ServiceConfigArguments,
  signal: AbortSignal,
): Promise<Expectation[]> {
  const { verify } = args;
  if (verify === "report" || verify === false) return [];
  const expected = endpointsOf(args).map(async (endpoint): Promise<Expectation[]> => {
    if (verify === undefined) {
      const { answer } = await ask(host, endpoint, signal);
      if (answer === undefined) return [];
      return [{ endpoint, answer, answeredBefore: true, timeoutMs: DEFAULT_TIMEOUT_MS }];
    }
    const { tls, timeout } = verify;
    const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(timeout);
    return [{ endpoint, answer: tls === false ? "tcp" : "tls", answeredBefore: false, timeoutMs }];
  });
  return (await Promise.all(expected)).flat();
}

/** Waits until the service answers. @throws {@link TimeoutError} */
export async function insist(
  host: Host,
  { endpoint, answer, answeredBefore, timeoutMs }: Expectation,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  // A service that is not meant to speak TLS may wait for the rest of a handshake, and complains of it.
  const asked = answer === "tls" ? ask : askForConnection;
  await delay(SETTLING_MS, signal);
  for (;;) {
    const seen = await asked(host, endpoint, signal);
    if (seen.answer === answer) return;
    if (Date.now() + POLL_MS > end) {
      const where = hostAndPort(endpoint.address, endpoint.port);
      const advice = answeredBefore
        ? ", as it did before; if it is not meant to any more, give verify: false, or the address that answers now"
        : "";
      throw new TimeoutError(
        `after ${String(timeoutMs / 1000)} s ${where} does not answer ${NAMES[answer]} (${seen.problem})${advice}`,
      );
    }
    await delay(POLL_MS, signal);
  }
}

/** In words: what answers now. */
export async function reportOf(
  host: Host,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<string> {
  const { answer, problem } = await ask(host, endpoint, signal);
  const where = hostAndPort(endpoint.address, endpoint.port);
  if (answer === "tls") return `${where} answers a TLS handshake`;
  const without =
    answer === "tcp" ? "accepts connections, but answers no TLS handshake" : "does not answer";
  return `${where} ${without} (${problem})`;
}

interface Seen {
  readonly answer: Answer | undefined;
  readonly problem: string;
}

async function ask(host: Host, endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Seen> {
  const tls = await look(host, endpoint, signal);
  if (tls.fingerprint !== undefined) return { answer: "tls", problem: "" };
  const seen = await askForConnection(host, endpoint, signal);
  return seen.answer === undefined ? seen : { ...seen, problem: tls.problem };
}

async function askForConnection(
  host: Host,
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Seen> {
  const what = `a connection to ${hostAndPort(endpoint.address, endpoint.port)}`;
  try {
    const stream = await withDeadline(what, CONNECT_MS, signal, (limit) =>
      openPort(host, endpoint, limit),
    );
    stream.on("error", () => undefined).destroy();
    return { answer: "tcp", problem: "" };
  } catch (error) {
    signal?.throwIfAborted();
    return { answer: undefined, problem: messageOf(error) };
  }
}
