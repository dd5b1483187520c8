/** What both clients of the issuing bench find: one CA, one folder for answers, an account each. */
import { X509Certificate } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { startPebble, type PebbleOptions } from "../test/support/ca/pebble";
import { closeServer, listenOn } from "../test/support/process/ports";
import { temporaryDirectory } from "../test/support/process/temp";
import { registerAccount } from "./package";
import type { Assignment, Client } from "./client";

export interface Fixture {
  readonly assignments: Readonly<
    Record<Client, Assignment & Required<Pick<Assignment, "account">>>
  >;
  /** The CA's roots as a file. */
  readonly caBundleFile: string;
  /** How many requests the clients say that they have sent. */
  sent: number;
}

/** Pebble has this profile alone: it takes one by chance where an order names none. */
const profile = "default";

/** @throws if the CA's log has other requests than the clients say that they sent */
export async function withFixture<T>(
  options: PebbleOptions,
  work: (fixture: Fixture) => Promise<T>,
): Promise<T> {
  await using folder = await temporaryDirectory("bench-");
  const pebble = await startPebble({ authzReuse: 0, keyAlgorithm: "ecdsa", ...options });
  const closeWebroot = await serveWebroot(folder.path, pebble.httpPort);
  try {
    const { directoryUrl, caBundlePem } = pebble;
    const caBundleFile = join(folder.path, "ca.pem");
    await writeFile(caBundleFile, caBundlePem);
    const assignment = async () => ({
      directoryUrl,
      caBundlePem,
      profile,
      webroot: folder.path,
      account: await registerAccount(pebble),
    });
    const assignments = { "pulumi-acme": await assignment(), "acme-client": await assignment() };
    const fixture: Fixture = { assignments, caBundleFile, sent: 0 };
    const before = pebble.requests().length;
    const result = await work(fixture);
    const logged = pebble.requests().length - before;
    if (logged !== fixture.sent) {
      const counted = `the clients count ${String(fixture.sent)} requests, the CA ${String(logged)}`;
      throw new Error(`the requests are not counted rightly: ${counted}`);
    }
    return result;
  } finally {
    await closeWebroot();
    await pebble.stop();
  }
}

/** Serves the folder below `/.well-known/acme-challenge/`, on the port where the CA looks. */
async function serveWebroot(folder: string, port: number): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const token = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]+)$/.exec(request.url ?? "")?.[1];
    const missing = (): void => {
      response.writeHead(404).end();
    };
    if (token === undefined) missing();
    else createReadStream(join(folder, token)).on("error", missing).pipe(response);
  });
  await listenOn(server, port);
  return () => closeServer(server);
}

/** A zone that all names are in. */
export const ZONE = "bench.example";

let orders = 0;

/** Names that were never proven before: no authorization is used again. The part after the first dot is theirs alone. */
export function freshNames(count: number): string[] {
  orders++;
  return Array.from(
    { length: count },
    (_, index) => `host-${String(index)}.order-${String(orders)}.${ZONE}`,
  );
}

/** Who delivers something else has not finished. */
export function verify(certificatePem: string, names: readonly string[]): void {
  const leaf = new X509Certificate(certificatePem);
  const missing = names.filter((name) => leaf.checkHost(name) === undefined);
  if (missing.length > 0) throw new Error(`the certificate is not for ${missing.join(", ")}`);
}
