/** The first moments of a command on a remote host: login noise, sudo's question, the beginning. */
import type { Readable } from "node:stream";

import { delay } from "../../util/abort";
import { HostError } from "../host";
import { lastWords } from "./last-words";
import { START_MARKER } from "./login-shell";
import type { RunningCommand } from "./running";
import { SUDO_PROMPT, sudoRefusal } from "./sudo";

/** A login script that says more than this is not one. */
const NOISE_LIMIT = 256 * 1024;
const LAST_WORDS_MS = 500;
/** A login script may look things up; one that takes longer asks something, or has started another shell. */
export const BEGINS_WITHIN_MS = 15_000;

export interface Elevation {
  readonly user: string;
  /** What sudo gets when it asks. */
  readonly password: string | undefined;
}

/**
 * Waits until `running` has started; its streams then hold the command's own output alone.
 *
 * @returns the command's process number on the host
 *
 * @throws {@link HostError} `sudo` where that refused, `command` where the login shell did.
 */
export async function waitForStart(
  host: string,
  running: RunningCommand,
  elevation: Elevation | undefined,
): Promise<number> {
  try {
    const until = AbortSignal.timeout(BEGINS_WITHIN_MS);
    return await readStartMarkers(running, { until, password: elevation?.password });
  } catch (error) {
    throw error instanceof NotStarted ? refusal(host, elevation, error) : error;
  }
}

/** The command ended before it started, or did not start in time. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
  /** Absent where it did not end. */
  readonly exitCode: number | undefined;
  /** Everything printed, on both streams. */
  readonly said: string;
  /** Whether it was sudo that spoke last, and not the login shell before it. */
  readonly isFromSudo: boolean;

  constructor(exitCode: number | undefined, said: string) {
    super("the command did not start");
    this.exitCode = exitCode;
    this.said = said.replaceAll(SUDO_PROMPT, "");
    this.isFromSudo = said.includes(SUDO_PROMPT) || /\bsudo(ers)?\b/i.test(said);
  }
}

interface StartOptions {
  /** What sudo gets when it asks. */
  readonly password?: string | undefined;
  /** Aborted when it has had its time. */
  readonly until: AbortSignal;
}

/**
 * @returns the number of the process that has started
 *
 * @throws {@link NotStarted}
 */
export async function readStartMarkers(
  running: RunningCommand,
  { password, until }: StartOptions,
): Promise<number> {
  const output = new StartMarker(running.stdout);
  const errors = new StartMarker(running.stderr, answerTo(running, password));
  const both = Promise.all([output.crossed, errors.crossed]);
  const ended = running.exited.then(async (exitCode) => {
    // The last words may come after the exit code.
    await Promise.race([both, Promise.all([output.over, errors.over]), delay(LAST_WORDS_MS)]);
    return { exitCode };
  });
  const late = new Promise<{ exitCode: undefined }>((resolve) => {
    until.addEventListener("abort", () => {
      resolve({ exitCode: undefined });
    });
  });
  try {
    const first = await Promise.race([both, ended, late]);
    if (!("exitCode" in first)) return first[0];
    if (output.pid !== undefined && errors.pid !== undefined) return output.pid;
    throw new NotStarted(first.exitCode, errors.noise() + output.noise());
  } finally {
    output.leave();
    errors.leave();
  }
}

function refusal(host: string, elevation: Elevation | undefined, error: NotStarted): HostError {
  if (elevation === undefined || !error.isFromSudo) return loginShellError(host, error);
  const { exitCode, said } = error;
  const detail =
    exitCode === undefined
      ? `sudo did not go on within ${SECONDS} s: ${lastWords(said)}`
      : sudoRefusal(said, elevation.user);
  return new HostError("sudo", { host, step: "run a command as root", detail, exitCode });
}

const SECONDS = String(BEGINS_WITHIN_MS / 1000);

/** For a login shell that did not come to the command. */
export function loginShellError(
  host: string,
  { exitCode, said }: Pick<NotStarted, "exitCode" | "said">,
): HostError {
  const words = lastWords(said);
  const [what, advice] =
    exitCode === undefined
      ? [
          `the login shell did not begin within ${SECONDS} s`,
          "; its startup files (.bashrc, .profile, .cshrc …) may ask something, or start another shell",
        ]
      : [`the login shell ran no command (exit code ${String(exitCode)})`, ""];
  const detail = `${what}${words === "" ? "" : `: ${words}`}${advice}`;
  return new HostError("command", { host, step: "run a command", detail, exitCode });
}

/** Answers sudo's first question, and ends the input at the second: the answer was wrong. */
function answerTo(running: RunningCommand, password: string | undefined): (said: string) => void {
  let answered = 0;
  return (said) => {
    const asked = said.split(SUDO_PROMPT).length - 1;
    if (asked <= answered) return;
    if (answered === 0 && password !== undefined) running.stdin.write(`${password}\n`);
    else running.stdin.end();
    answered = asked;
  };
}

/** Reads a stream up to the line that says that the command has started, and puts back what follows it. */
class StartMarker {
  readonly #stream: Readable;
  readonly #hear: (said: string) => void;
  readonly #listen: (chunk: Buffer) => void;
  #heard = Buffer.alloc(0);
  /** The command's process, once it has started. */
  pid: number | undefined;
  readonly crossed: Promise<number>;
  /** There is no more to come. */
  readonly over: Promise<void>;

  constructor(stream: Readable, hear: (said: string) => void = () => undefined) {
    this.#stream = stream;
    this.#hear = hear;
    let cross: (pid: number) => void = () => undefined;
    this.crossed = new Promise((resolve) => (cross = resolve));
    this.over = new Promise((resolve) => {
      stream.once("end", resolve).once("close", resolve);
    });
    this.#listen = (chunk) => {
      this.#take(chunk, cross);
    };
    stream.on("data", this.#listen);
  }

  noise(): string {
    return this.#heard.toString("utf8");
  }

  /** Leaves the stream to the next reader, who has to resume it. */
  leave(): void {
    this.#stream.off("data", this.#listen).pause();
  }

  #take(chunk: Buffer, cross: (pid: number) => void): void {
    this.#heard = Buffer.concat([this.#heard, chunk]).subarray(-NOISE_LIMIT);
    // Bytes and characters are the same in latin1: places in the text are places in the buffer.
    const said = this.#heard.toString("latin1");
    const match = START_MARKER.exec(said);
    if (match === null) {
      this.#hear(said);
      return;
    }
    this.leave();
    const rest = this.#heard.subarray(match.index + match[0].length);
    if (rest.length > 0) this.#stream.unshift(rest);
    this.pid = Number(match[1]);
    cross(this.pid);
  }
}
