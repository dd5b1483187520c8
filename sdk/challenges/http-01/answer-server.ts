/** The HTTP server that answers http-01 challenges. @see RFC 8555 §8.3 */
import { HTTP01_PREFIX } from "../../util/challenge";
import { createServer, type Server } from "node:http";

/**
 * A server that answers with the key authorization for exactly the paths of the tokens in `answers`, and with 404 for
 * everything else. It does not listen: hand it connections by its event `connection`, or let it listen.
 */
export function createAnswerServer(answers: ReadonlyMap<string, string>): Server {
  const server = createServer((request, response) => {
    const content = answerTo(request.url ?? "", answers);
    const known = request.method === "GET" || request.method === "HEAD";
    // A CA asks once per vantage point; connections that stay open would hold the port.
    response.setHeader("Connection", "close");
    if (content === undefined || !known) {
      response.writeHead(known ? 404 : 405).end();
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
  return server;
}

/** The key authorization for exactly the path of a token that is being proven now. */
function answerTo(url: string, answers: ReadonlyMap<string, string>): string | undefined {
  const path = url.split("?", 1)[0] ?? "";
  if (!path.startsWith(HTTP01_PREFIX)) return undefined;
  return answers.get(path.slice(HTTP01_PREFIX.length));
}
