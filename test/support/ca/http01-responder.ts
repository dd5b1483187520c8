/** Answers http-01 for all names, on the port where the test CA looks. */
import { createServer } from "node:http";
import { closeServer, listenOn } from "../process/ports";

export interface Http01Responder {
  /** Token → key authorization. */
  readonly answers: Map<string, string>;
  stop(): Promise<void>;
}

export async function startHttp01Responder(port: number): Promise<Http01Responder> {
  const answers = new Map<string, string>();
  const server = createServer((request, response) => {
    const token = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]+)$/.exec(request.url ?? "")?.[1];
    const answer = token === undefined ? undefined : answers.get(token);
    response.writeHead(answer === undefined ? 404 : 200, { connection: "close" }).end(answer);
  });
  await listenOn(server, port);
  return {
    answers,
    stop: () => closeServer(server),
  };
}
