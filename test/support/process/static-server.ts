/** A web server for the files of a folder, on a loopback port. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { closeServer, listenOn } from "./ports";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

export async function serveFolder(
  folder: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = normalize(
      decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname),
    );
    readFile(join(folder, path)).then(
      (content) => {
        const type = TYPES[extname(path)] ?? "application/octet-stream";
        response.writeHead(200, { "Content-Type": type }).end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  const port = await listenOn(server);
  return { url: `http://127.0.0.1:${String(port)}`, stop: () => closeServer(server) };
}
