/** Whether a service still answers after it was given another configuration. */
import { type Endpoint, look, vantageOf } from "../../deploy";
import { openPort } from "../../deploy/reach";
import { portsOf } from "../../deploy/services/together";
import type { Host } from "../../hosts";
import { delay, withDeadline } from "../../util/abort";
import { durationMs } from "../../util/duration";
import { messageOf, TimeoutError } from "../../util/errors";
import { hostAndPort } from "../../util/host-name";
import { parseAddress } from "../arguments/host-file";
import type { AnswerArguments, ServiceConfigArguments } from "./arguments";

const DEFAULT_TIMEOUT_MS = 30_000;
const CONNECT_MS = 5000;
const POLL_MS = 200;
/** Services end a reload before they have done it: for so long the old processes may answer yet. */
const SETTLING_MS = 1000;

export type Answer = "tls" | "tcp";

const NAMES: Readonly<Record<Answer, string>> = { tls: "a TLS handshake", tcp: "a connection" };

/** What has to answer, and how. */
export interface Expectation {
  readonly endpoint: Endpoint;
  readonly answer: Answer;
  /** It did so before; else somebody asked for it. */
  readonly answeredBefore: boolean;
  readonly timeoutMs: number;
}

/** Where the service is asked; `undefined` where nobody knows. */
export function endpointOf({
  connection,
  service,
  verify,
}: ServiceConfigArguments): Endpoint | undefined {
  if (verify === false) return undefined;
  const { address, serverName, startTls }: AnswerArguments =
    typeof verify === "object" ? verify : {};
  const given = address === undefined ? undefined : parseAddress(address);
  const [usual] = portsOf(service);
  const port = given?.port ?? usual?.port;
  if (port === undefined) return undefined;
  const vantage = vantageOf(connection, given?.host);
  const usualStartTls = port === usual?.port ? usual.startTls : undefined;
  return {
    ...vantage,
    port,
    serverName: serverName ?? vantage.address,
    startTls: startTls ?? usualStartTls,
  };
}

/** Asked before the file is written: an address that the user names must answer, another one if it does so now. */
export async function expectationOf(
  host: Host,
  args: ServiceConfigArguments,
  signal: AbortSignal,
): Promise<Expectation | undefined> {
  const { verify } = args;
  const endpoint = endpointOf(args);
  if (endpoint === undefined || verify === "report" || verify === false) return undefined;
  if (verify === undefined) {
    const { answer } = await ask(host, endpoint, signal);
    if (answer === undefined) return undefined;
    return { endpoint, answer, answeredBefore: true, timeoutMs: DEFAULT_TIMEOUT_MS };
  }
  const timeoutMs = verify.timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(verify.timeout);
  return {
    endpoint,
    answer: verify.tls === false ? "tcp" : "tls",
    answeredBefore: false,
    timeoutMs,
  };
}

/** Waits until the service answers. @throws {@link TimeoutError} */
export async function insist(
  host: Host,
  { endpoint, answer, answeredBefore, timeoutMs }: Expectation,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  await delay(SETTLING_MS, signal);
  for (;;) {
    const seen = await ask(host, endpoint, signal);
    if (seen.answer === answer || seen.answer === "tls") return;
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

async function ask(
  host: Host,
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<{ readonly answer: Answer | undefined; readonly problem: string }> {
  const seen = await look(host, endpoint, signal);
  if (seen.fingerprint !== undefined) return { answer: "tls", problem: "" };
  const what = `a connection to ${hostAndPort(endpoint.address, endpoint.port)}`;
  try {
    const stream = await withDeadline(what, CONNECT_MS, signal, (limit) =>
      openPort(host, endpoint, limit),
    );
    stream.on("error", () => undefined).destroy();
    return { answer: "tcp", problem: seen.problem };
  } catch (error) {
    signal?.throwIfAborted();
    return { answer: undefined, problem: messageOf(error) };
  }
}
