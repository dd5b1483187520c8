/**
 * A web service that follows the contract of lego's `httpreq`: POST /present and /cleanup, basic auth.
 *
 * @see https://go-acme.github.io/lego/dns/httpreq/
 */
import { createServer, type IncomingMessage } from "node:http";
import { closeServer, listenOn } from "../process/ports";

export interface RecordedCall {
  readonly path: string;
  readonly body: unknown;
}

/** A stand-in for a provider's web service. */
export interface WebService {
  readonly url: string;
  /** In the order in which they came; those that were refused, too. */
  readonly calls: RecordedCall[];
  /** What it answers first, one after the other, before it does its work. */
  readonly faults: Fault[];
  stop(): Promise<void>;
}

export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the connection in place of an answer. */
  readonly cut?: boolean;
}

/** Runs `answer` as a web service on a port of 127.0.0.1; a body that is not JSON is refused before. */
export async function startWebService(
  answer: (request: IncomingMessage, url: URL, body: unknown) => Reply | Promise<Reply>,
): Promise<WebService> {
  const calls: RecordedCall[] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => {
    const handle = async (): Promise<void> => {
      const text = await bodyOf(request);
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const type = request.headers["content-type"];
      const body = bodyIn(text, type);
      calls.push({ path: `${request.method ?? ""} ${url.pathname}${url.search}`, body });
      const fault = faults.shift();
      if (fault !== undefined) {
        response.writeHead(fault.status, fault.headers).end(fault.body ?? "");
        return;
      }
      if (text !== "" && typeof body === "string") {
        response.writeHead(415).end();
        return;
      }
      const reply = await answer(request, url, body);
      if (reply.cut === true) {
        request.socket.destroy();
        return;
      }
      response.writeHead(reply.status, { "Content-Type": "application/json", ...reply.headers });
      response.end(reply.body === undefined ? "" : JSON.stringify(reply.body));
    };
    handle().catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const port = await listenOn(server);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    calls,
    faults,
    stop: () => closeServer(server),
  };
}

/** JSON and forms are read; anything else stays text. */
function bodyIn(text: string, type: string | undefined): unknown {
  if (text === "") return undefined;
  if (type === "application/json") return JSON.parse(text);
  const isForm = type === "application/x-www-form-urlencoded";
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : text;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Takes and removes records; given credentials, from who has them alone. */
export function startHttpReq(credentials?: {
  readonly username: string;
  readonly password: string;
}): Promise<WebService> {
  const pair =
    credentials &&
    Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
  return startWebService((request, url) => {
    if (pair !== undefined && request.headers.authorization !== `Basic ${pair}`) {
      return { status: 401, body: { error: "who are you?" } };
    }
    if (request.method !== "POST" || !/\/(present|cleanup)$/.test(url.pathname)) {
      return { status: 404, body: undefined };
    }
    return { status: 200, body: undefined };
  });
}
