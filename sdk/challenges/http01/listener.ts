/** http-01 answered by this machine: one listener per address and port, shared by all certificates. Layer 3. */
import { createServer, type Server } from "node:http";

import { hostAndPort } from "../../util/host-name";
import { messageOf } from "../../util/errors";
import { enumerate } from "../../util/text";
import { ChallengeError, type Proof, type Solver } from "../solver";
import { CHALLENGE_PATH, checkedToken } from "./token";

export interface ListenerOptions {
  /** Default 80, the only port that public CAs ask. */
  readonly port?: number;
  /** Default: all addresses, IPv6 and IPv4. */
  readonly address?: string;
}

/**
 * Listens on this machine while names are being proven. All who ask for one address and port share one listener; the
 * last one closes it.
 */
export function listener(options: ListenerOptions = {}): Solver {
  const { port = 80, address } = options;
  const place = hostAndPort(address ?? "*", port);
  return {
    challengeType: "http-01",
    label: `http-01 by a listener on ${place} of this machine`,
    present: async (proofs, context) => {
      const answers = proofs.map((proof) => [checkedToken(proof), proof.keyAuthorization] as const);
      context.progress(`listens on ${place} for the CA`);
      const shared = await join(place, port, address, proofs);
      for (const [token, content] of answers) shared.answers.set(token, content);
      let left = false;
      return {
        cleanUp: async () => {
          if (left) return;
          left = true;
          for (const [token] of answers) shared.answers.delete(token);
          await leave(place, shared);
        },
      };
    },
  };
}

interface Shared {
  readonly answers: Map<string, string>;
  readonly server: Server;
  readonly listening: Promise<void>;
  users: number;
}

/* One process serves all resources of a deployment, and a port can be bound once. */
const listeners = new Map<string, Shared>();
/* A port is free again only once the former listener has closed. */
const closing = new Map<string, Promise<void>>();

async function join(
  place: string,
  port: number,
  address: string | undefined,
  proofs: readonly Proof[],
): Promise<Shared> {
  while (closing.has(place)) await closing.get(place);
  const shared = listeners.get(place) ?? open(place, port, address);
  shared.users += 1;
  try {
    await shared.listening;
    return shared;
  } catch (error) {
    if (listeners.get(place) === shared) listeners.delete(place);
    const names = enumerate(proofs.map(({ identifier }) => identifier.value));
    throw new ChallengeError(
      `http-01 for ${names}: cannot listen on ${place} of this machine: ${remedy(error)}`,
      { cause: error },
    );
  }
}

function open(place: string, port: number, address: string | undefined): Shared {
  const answers = new Map<string, string>();
  const server = createServer((request, response) => {
    const content = answerTo(request.url ?? "", answers);
    const answers_ = request.method === "GET" || request.method === "HEAD";
    // A CA asks once per vantage point; connections that stay open would hold the port.
    response.setHeader("Connection", "close");
    if (content === undefined || !answers_) {
      response.writeHead(answers_ ? 404 : 405).end();
      return;
    }
    response.writeHead(200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": Buffer.byteLength(content),
    });
    response.end(request.method === "HEAD" ? undefined : content);
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.maxHeadersCount = 100;
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
  });
  const shared: Shared = { answers, server, listening, users: 0 };
  listeners.set(place, shared);
  return shared;
}

async function leave(place: string, shared: Shared): Promise<void> {
  shared.users -= 1;
  if (shared.users > 0) return;
  listeners.delete(place);
  const closed = new Promise<void>((resolve) => {
    shared.server.close(() => {
      resolve();
    });
    shared.server.closeAllConnections();
  });
  closing.set(place, closed);
  await closed;
  closing.delete(place);
}

/** The key authorization for exactly the path of a token that is being proven now. */
function answerTo(url: string, answers: ReadonlyMap<string, string>): string | undefined {
  const path = url.split("?", 1)[0] ?? "";
  if (!path.startsWith(CHALLENGE_PATH)) return undefined;
  return answers.get(path.slice(CHALLENGE_PATH.length));
}

function remedy(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return "another program has the port; if that is a web server, prove the names by webroot or stateless instead";
    case "EACCES":
      return "ports below 1024 need root, CAP_NET_BIND_SERVICE, or a lower net.ipv4.ip_unprivileged_port_start";
    case "EADDRNOTAVAIL":
      return "this machine does not have that address";
    default:
      return messageOf(error);
  }
}
