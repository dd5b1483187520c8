/**
 * An ACME server that verifies every request, issues real certificates, and can be told to answer wrongly.
 *
 * A client's violation of RFC 8555 is answered as the RFC says, and recorded: a test ends with
 * {@link StrictServer.assertNoDeviations}.
 */
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createAuthority } from "../certificate-authority";
import { Deviations, type Deviation, type Rule } from "./deviations";
import { handle, type OwedNonce } from "./handle";
import { createIssuer } from "./issuer";
import { Nonces } from "./nonces";
import type { StrictServerOptions } from "./options";
import { route, type EndpointName, type StrictContext, type StrictRequest } from "./request";
import { Scenario, type Answer, type Change, type Outcome } from "./scenario";
import { State } from "./state";
import { closeServer, listenOn } from "../../process/ports";

export type { ChallengeAttempt, StrictServerOptions } from "./options";
export type { EndpointName, StrictRequest } from "./request";
export type { Rule } from "./deviations";
export { json, problem, type Problem, type StrictResponse } from "./response";
export type { Answer, Change, Outcome } from "./scenario";

export interface StrictServer {
  readonly directoryUrl: string;
  /** `https://127.0.0.1:port`. */
  readonly baseUrl: string;
  /** What to trust for the server itself. */
  readonly caBundlePem: string;
  /** The root of the certificates that it issues. */
  readonly rootPem: string;
  /** All requests, in the order in which they came. */
  readonly requests: readonly StrictRequest[];
  readonly deviations: readonly Deviation[];
  readonly state: State;
  /**
   * Changes the answer to the nth request to an endpoint, counted from now on, the first being 1. The server has acted
   * on the request.
   */
  on(endpoint: EndpointName, nth: number | "every", change: Change): void;
  /** The same, but the server does not act on the request. It verifies it. */
  instead(endpoint: EndpointName, nth: number | "every", answer: Answer): void;
  /** Requests to one endpoint so far. */
  count(endpoint: EndpointName): number;
  /** From now on, breaches of one rule are expected. */
  tolerate(rule: Rule): void;
  /** Forgets all nonces, as after a restart. */
  forgetNonces(): void;
  /** Forgets all accounts and orders. */
  forgetAccounts(): void;
  assertNoDeviations(): void;
  stop(): Promise<void>;
}

export async function startStrictServer(options: StrictServerOptions = {}): Promise<StrictServer> {
  const authority = await createAuthority("strict server root");
  const tls = await authority.issue(
    options.tls?.names ?? ["127.0.0.1", "localhost"],
    options.tls?.expired === true ? { notAfter: new Date(Date.now() - 3_600_000) } : {},
  );
  const issuer = await createIssuer(options.alternateChains ?? 0);
  const deviations = new Deviations();
  const scenario = new Scenario();
  const requests: StrictRequest[] = [];
  const owed: OwedNonce[] = [];
  const nonces = new Nonces();
  const state = new State();
  const server = createServer({ cert: tls.certificatePem, key: tls.privateKeyPem });
  const port = await listenOn(server);
  const baseUrl = `https://127.0.0.1:${String(port)}`;
  const context: StrictContext = { options, state, nonces, deviations, issuer, baseUrl };

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(message);
    if (request === undefined) {
      deviations.record(
        "URL not handed out",
        "nowhere",
        `${String(message.method)} ${String(message.url)}`,
      );
      send(response, { status: 404, headers: {}, body: "" });
      return;
    }
    requests.push(request);
    send(response, await handle(context, scenario, owed, request));
  };
  server.on("request", (message, response) => {
    serve(message, response).catch((error: unknown) => {
      // A client that gave up has not violated anything.
      if (!message.destroyed) deviations.record("fault of this server", "any", String(error));
      response.destroy();
    });
  });
  return {
    directoryUrl: `${baseUrl}/directory`,
    baseUrl,
    caBundlePem: authority.rootPem,
    rootPem: issuer.rootPem,
    requests,
    state,
    get deviations() {
      return deviations.found;
    },
    on: (endpoint, nth, change) => {
      scenario.on(endpoint, nth, change);
    },
    instead: (endpoint, nth, answer) => {
      scenario.instead(endpoint, nth, answer);
    },
    count: (endpoint) => requests.filter((request) => request.endpoint === endpoint).length,
    tolerate: (rule) => {
      deviations.tolerate(rule);
    },
    forgetNonces: () => {
      nonces.forget();
    },
    forgetAccounts: () => {
      for (const map of [state.accounts, state.orders, state.authorizations]) map.clear();
    },
    assertNoDeviations: () => {
      deviations.assertNone();
    },
    stop: () => closeServer(server),
  };
}

async function readRequest(message: IncomingMessage): Promise<StrictRequest | undefined> {
  const { method = "", url: path = "", headers } = message;
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const target = route(path);
  if (target === undefined) return undefined;
  return {
    method,
    path,
    // From the Host header: a client that asks by another name must sign that.
    url: `https://${headers.host ?? ""}${path}`,
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
    ...target,
  };
}

function send(response: ServerResponse, outcome: Outcome): void {
  if (outcome === "silence") return;
  if (outcome === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  for (const [name, value] of Object.entries(outcome.headers)) response.setHeader(name, value);
  response.writeHead(outcome.status).end(outcome.body);
}
