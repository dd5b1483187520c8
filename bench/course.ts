/** What both clients of the issuing bench find: one CA, one folder for answers, an account each. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startPebble, type PebbleOptions } from "../test/support/ca/pebble";
import { temporaryDirectory } from "../test/support/process/temp";
import { registerAccount } from "./account";
import type { Assignment } from "./contestant";
import type { Client } from "./contestant-process";
import { serveWebroot } from "./webroot";

export interface Course {
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
export async function onCourse<T>(
  options: PebbleOptions,
  work: (course: Course) => Promise<T>,
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
    const course: Course = { assignments, caBundleFile, sent: 0 };
    const before = pebble.requests().length;
    const result = await work(course);
    const logged = pebble.requests().length - before;
    if (logged !== course.sent) {
      const counted = `the clients count ${String(course.sent)} requests, the CA ${String(logged)}`;
      throw new Error(`the requests are not counted rightly: ${counted}`);
    }
    return result;
  } finally {
    await closeWebroot();
    await pebble.stop();
  }
}
