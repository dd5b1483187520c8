/** The two clients of the issuing bench as child processes: one certificate after the other, on demand. */
import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

export interface Assignment {
  readonly directoryUrl: string;
  readonly caBundlePem: string;
  readonly profile: string;
  /** Where both put their answers to http-01. */
  readonly webroot: string;
  /** Absent: the first certificate has to be preceded by a registration. */
  readonly account?: { readonly accountUrl: string; readonly accountKeyPem: string };
}

/** A request that was sent to the CA. */
export interface Sent {
  readonly method: string;
  readonly url: string;
}

/** One certificate. */
export interface Sample {
  /** From the names to key and chain. */
  readonly milliseconds: number;
  readonly chainPem: string;
  readonly sent: readonly Sent[];
  /** The most memory that the process ever had, in bytes. */
  readonly peakRss: number;
}

type Command = { readonly assignment: Assignment } | { readonly names: readonly string[] };
type Reply = Sample | { readonly error: string };

/** From names to a chain in PEM, with a new P-256 key. */
type Obtain = (names: readonly string[]) => Promise<string>;

export interface ClientProcess {
  readonly obtain: (names: readonly string[]) => Promise<Sample>;
  readonly stop: () => void;
}

const programs = {
  "pulumi-acme": "client-pulumi-acme.js",
  "acme-client": "client-acme-client.js",
} as const;

export type Client = keyof typeof programs;

/** @param caBundleFile - the same roots as the assignment's, for a client that knows them by the environment alone */
export function startClient(
  client: Client,
  assignment: Assignment,
  caBundleFile: string,
): ClientProcess {
  const child = fork(join(__dirname, programs[client]), {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: caBundleFile },
  });
  // Sending to a process that has ended fails twice: here, and as its exit, which nextSample reports.
  child.on("error", () => undefined);
  child.send({ assignment } satisfies Command);
  return {
    obtain: (names) => {
      const sample = nextSample(client, child);
      child.send({ names } satisfies Command);
      return sample;
    },
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}

function nextSample(client: Client, child: ChildProcess): Promise<Sample> {
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

/** Runs a client as a child process of the bench. `prepare` may prepare everything that needs no network. */
export function runClient(
  prepare: (assignment: Assignment, onRequest: (sent: Sent) => void) => Promise<Obtain>,
): void {
  let sent: Sent[] = [];
  let obtain: Promise<Obtain> | undefined;
  const sample = async (names: readonly string[]): Promise<Sample> => {
    const work = await obtain;
    if (work === undefined) throw new Error("names came before the assignment");
    sent = [];
    const started = performance.now();
    const chainPem = await work(names);
    return { milliseconds: performance.now() - started, chainPem, sent, peakRss: peakRss() };
  };
  process.on("disconnect", () => process.exit());
  process.on("message", (command: Command) => {
    if ("assignment" in command) {
      obtain = prepare(command.assignment, (request) => sent.push(request));
      return;
    }
    sample(command.names).then(reply, (error: unknown) => {
      reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    });
  });
}

function reply(message: Reply): void {
  process.send?.(message);
}

/** Not `resourceUsage().maxRSS`: under Linux that begins with what the parent had when it forked. */
function peakRss(): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Answers http-01 for `token`, in the one way that both clients use: a file in a folder that one server serves. */
export function publish(folder: string, token: string, keyAuthorization: string): Promise<void> {
  return writeFile(join(folder, token), keyAuthorization);
}

export function withdraw(folder: string, token: string): Promise<void> {
  return rm(join(folder, token), { force: true });
}
