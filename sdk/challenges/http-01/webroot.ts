/** http-01 by files below a web server's document root, on one or several hosts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { HTTP01_PREFIX } from "../../util/challenge";
import type { Host, Target } from "../../hosts/host";
import { describeTarget, DIRECTORY_FUNCTIONS, shellQuote, withHost } from "../../hosts";
import { messageOf } from "../../util/errors";
import { enumerate, singleLine } from "../../util/text";
import { ChallengeError, type Presentation, type Proof, type Solver } from "../solver";
import { checkedToken } from "../token";
import { Uses } from "../uses";

export interface WebrootOptions {
  /** The document root, an absolute path. */
  readonly path: string;
  /** All hosts that serve the names: the files are written on each. */
  readonly targets: readonly Target[];
}

const CLEAN_UP_MS = 30_000;
const WRITE = readFileSync(join(__dirname, "webroot-write.sh"), "utf8");
const REMOVE = readFileSync(join(__dirname, "webroot-remove.sh"), "utf8");

/**
 * Writes `<path>/.well-known/acme-challenge/<token>` on every target. Directories that are missing are made, and
 * removed again by the clean-up where nothing else has come into them.
 */
export function webroot(options: WebrootOptions): Solver {
  const { path, targets } = options;
  return {
    challengeType: "http-01",
    label: `http-01 by webroot ${path} on ${enumerate(targets.map(describeTarget))}`,
    present: async (proofs, context) => {
      const files = proofs.map((proof) => ({
        token: checkedToken(proof),
        content: proof.keyAuthorization,
      }));
      const made = new Map<Target, Made>();
      const presentation = cleaner(path, made);
      context.progress(`writes ${String(files.length)} challenge files below ${path}`);
      const results = await Promise.allSettled(
        targets.map((target) =>
          withHost(
            target,
            async (host) => {
              // Noted before the call: some files may have been written when it fails.
              made.set(target, { files, directories: [] });
              retain(target, path, files);
              const directories = await write(host, path, files, context.signal);
              made.set(target, { files, directories });
            },
            context,
          ),
        ),
      );
      const errors = results.flatMap((result) =>
        result.status === "rejected" ? [result.reason as unknown] : [],
      );
      if (errors.length === 0) return presentation;
      await presentation.cleanUp().catch((error: unknown) => {
        context.warn(messageOf(error));
      });
      context.signal.throwIfAborted();
      throw failed(proofs, path, errors);
    },
  };
}

interface ChallengeFile {
  readonly token: string;
  readonly content: string;
}

/** What one certificate has put on a target. */
interface Made {
  readonly files: readonly ChallengeFile[];
  /** Outermost first. */
  readonly directories: readonly string[];
}

const uses = new Uses();

function keyOf(target: Target, path: string, { token }: ChallengeFile): string {
  return `${describeTarget(target)} ${path} ${token}`;
}

function retain(target: Target, path: string, files: readonly ChallengeFile[]): void {
  for (const file of files) uses.retain(keyOf(target, path, file));
}

function failed(proofs: readonly Proof[], path: string, errors: readonly unknown[]): Error {
  const names = enumerate(proofs.map(({ identifier }) => identifier.value));
  const why = errors.map(messageOf).join("; ");
  return new ChallengeError(
    `http-01 for ${names}: the challenge files could not be written below ${path}: ${why}`,
    { cause: errors.length === 1 ? errors[0] : new AggregateError(errors) },
  );
}

/** Undoes what is noted in `made` and nobody else needs, on all hosts, even if one of them fails. */
function cleaner(path: string, made: Map<Target, Made>): Presentation {
  return {
    cleanUp: async () => {
      const results = await Promise.allSettled(
        [...made].map(async ([target, { files, directories }]) => {
          made.delete(target);
          const unused = files.filter((file) => uses.release(keyOf(target, path, file)));
          if (unused.length === 0) return;
          try {
            await withHost(target, (host) => remove(host, path, unused, directories), {
              signal: AbortSignal.timeout(CLEAN_UP_MS),
            });
          } catch (error) {
            // The next call tries again.
            made.set(target, { files: unused, directories });
            retain(target, path, unused);
            throw error;
          }
        }),
      );
      const errors = results.flatMap((result) =>
        result.status === "rejected" ? [messageOf(result.reason)] : [],
      );
      if (errors.length === 0) return;
      throw new ChallengeError(
        `http-01: challenge files may be left below ${path}${HTTP01_PREFIX}: ${errors.join("; ")}`,
      );
    },
  };
}

/** Writes the files. Returns the directories that it had to make, outermost first. */
async function write(
  host: Host,
  path: string,
  files: readonly ChallengeFile[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const script = `root=${shellQuote(path)}\n${DIRECTORY_FUNCTIONS}${WRITE}`;
  const stdin = files.map(({ token, content }) => `${token} ${content}\n`).join("");
  const result = await host.run(script, { stdin, signal });
  if (result.code !== 0) throw new Error(`${host.label}: ${wordsOf(result)}`);
  return result.stdout
    .split("\n")
    .filter((line) => line.startsWith("made "))
    .map((line) => line.slice("made ".length));
}

async function remove(
  host: Host,
  path: string,
  files: readonly ChallengeFile[],
  directories: readonly string[],
): Promise<void> {
  const script = `root=${shellQuote(path)}\n${DIRECTORY_FUNCTIONS}${REMOVE}`;
  const lines = [...files.map(({ token }) => token), "", ...[...directories].reverse()];
  const stdin = `${lines.join("\n")}\n`;
  const result = await host.run(script, { stdin, timeoutMs: CLEAN_UP_MS });
  if (result.code !== 0) throw new Error(`${host.label}: ${wordsOf(result)}`);
}

function wordsOf(result: { readonly code: number; readonly stderr: string }): string {
  return singleLine(result.stderr) || `exit code ${String(result.code)}`;
}
