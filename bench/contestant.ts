/** What the two clients of the issuing bench have in common: how they are told what to do, and how they answer. */
import { readFileSync } from "node:fs";
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
export interface Lap {
  /** From the names to key and chain. */
  readonly milliseconds: number;
  readonly chainPem: string;
  readonly sent: readonly Sent[];
  /** The most memory that the process ever had, in bytes. */
  readonly peakRss: number;
}

export type Command = { readonly assignment: Assignment } | { readonly names: readonly string[] };
export type Reply = Lap | { readonly error: string };

/** From names to a chain in PEM, with a new P-256 key. */
export type Obtain = (names: readonly string[]) => Promise<string>;

/** Runs a client as a child process of the bench. `enter` may prepare everything that needs no network. */
export function compete(
  enter: (assignment: Assignment, onRequest: (sent: Sent) => void) => Promise<Obtain>,
): void {
  let sent: Sent[] = [];
  let obtain: Promise<Obtain> | undefined;
  const lap = async (names: readonly string[]): Promise<Lap> => {
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
      obtain = enter(command.assignment, (request) => sent.push(request));
      return;
    }
    lap(command.names).then(reply, (error: unknown) => {
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
