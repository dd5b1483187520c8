/** The one way in which both clients answer http-01: files in a folder, served by one static server. */
import { createReadStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

/** Makes `token` answerable. */
export function publish(folder: string, token: string, keyAuthorization: string): Promise<void> {
  return writeFile(join(folder, token), keyAuthorization);
}

export function withdraw(folder: string, token: string): Promise<void> {
  return rm(join(folder, token), { force: true });
}

/** Serves the folder below `/.well-known/acme-challenge/`, on the port where the CA looks. */
export async function serveWebroot(folder: string, port: number): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const token = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]+)$/.exec(request.url ?? "")?.[1];
    const missing = (): void => {
      response.writeHead(404).end();
    };
    if (token === undefined) missing();
    else createReadStream(join(folder, token)).on("error", missing).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => {
        resolve();
      });
    });
}
