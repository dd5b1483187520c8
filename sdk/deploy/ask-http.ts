/** What a host's web server answers to one plain request: a look, not a client. */
import { request } from "node:http";

import { withDeadline } from "../util/abort";
import { hostAndPort } from "../util/host-name";
import { type Connector, openPort, type Place } from "./reach";

export interface Answer {
  readonly status: number;
  /** Where it redirects to; nobody goes there. */
  readonly location: string | undefined;
  /** At most {@link MAX_BODY} characters of it. */
  readonly body: string;
}

const MAX_BODY = 4096;
const ANSWER_MS = 5000;

/** @throws Error telling why there is no answer. */
export function askHttp(
  host: Connector,
  place: Place,
  { name, path }: { readonly name: string; readonly path: string },
  signal: AbortSignal,
): Promise<Answer> {
  const what = `a request to ${hostAndPort(place.address, place.port)}`;
  return withDeadline(what, ANSWER_MS, signal, async (limit) => {
    const stream = await openPort(host, place, limit);
    // What happens to the connection shows in the request; unheard, it would end the process.
    stream.on("error", () => undefined);
    const abort = (): void => {
      stream.destroy();
    };
    limit.addEventListener("abort", abort, { once: true });
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const headers = { host: name, connection: "close" };
        request({ createConnection: () => stream, path, headers }, (response) => {
          const { statusCode: status = 0 } = response;
          const { location } = response.headers;
          let body = "";
          const done = (): void => {
            resolve({ status, location, body });
          };
          response.setEncoding("utf8").on("data", (chunk: string) => {
            body = `${body}${chunk}`.slice(0, MAX_BODY);
            if (body.length === MAX_BODY) done();
          });
          response.on("end", done).on("error", reject);
        })
          .on("error", reject)
          .end();
      });
    } finally {
      limit.removeEventListener("abort", abort);
      stream.destroy();
    }
  });
}
