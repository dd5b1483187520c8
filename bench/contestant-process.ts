/** A client of the issuing bench as a child process: one certificate after the other, on demand. */
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Assignment, Command, Lap, Reply } from "./contestant";

export interface ContestantProcess {
  readonly obtain: (names: readonly string[]) => Promise<Lap>;
  readonly stop: () => void;
}

export const clients = {
  "pulumi-acme": "contestant-ours.js",
  "acme-client": "contestant-acme-client.js",
} as const;

export type Client = keyof typeof clients;

/** @param caBundleFile - the same roots as the assignment's, for a client that knows them by the environment alone */
export function startContestant(
  client: Client,
  assignment: Assignment,
  caBundleFile: string,
): ContestantProcess {
  const child = fork(join(__dirname, clients[client]), {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: caBundleFile },
  });
  // Sending to a process that has ended fails twice: here, and as its exit, which lapOf reports.
  child.on("error", () => undefined);
  child.send({ assignment } satisfies Command);
  return {
    obtain: (names) => {
      const lap = lapOf(client, child);
      child.send({ names } satisfies Command);
      return lap;
    },
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}

function lapOf(client: Client, child: ChildProcess): Promise<Lap> {
  return new Promise((resolve, reject) => {
    const fail = (words: string): void => {
      reject(new Error(`${client}: ${words}`));
    };
    const ended = (): void => {
      fail(`ended with code ${String(child.exitCode)}`);
    };
    if (child.exitCode !== null) {
      ended();
      return;
    }
    child.once("exit", ended);
    child.once("message", (reply: Reply) => {
      child.off("exit", ended);
      if ("error" in reply) fail(reply.error);
      else resolve(reply);
    });
  });
}
