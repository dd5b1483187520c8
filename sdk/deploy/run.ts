/** One run of the program on the host, and the conversation with it. */
import { randomBytes } from "node:crypto";

import { type Conversation, type Host, HostError, lastWords } from "../hosts";
import { messageOf } from "../util/errors";
import type { Plan, StoredFile } from "./files";
import { codeOf, lacks } from "./inspect";
import { BOOTSTRAP, sendable, TRANSACTION } from "./program";
import { holderOf, storedFile, transactionRecords, unpack, wordsOf } from "./records";
import type { ReloadTicket } from "./reload-queue";

export interface RunContext {
  readonly signal?: AbortSignal;
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
  /** Told of a file that is not removed because it has become another resource's; default: `warn`. */
  readonly left?: (message: string) => void;
  readonly verify?: ((signal?: AbortSignal) => Promise<void>) | undefined;
  readonly verifyTimeoutMs?: number;
  readonly ticket: ReloadTicket | undefined;
  /** What the test and reload commands said, as it may be shown: default, as it is. */
  readonly conceal?: ((words: string) => string) | undefined;
  /** Paths whose files are as they should be, and only change hands. */
  readonly claims?: ReadonlySet<string>;
}

export interface Outcome {
  readonly host: string;
  readonly files: readonly StoredFile[];
  /** What the test command said, where it ran: a test that succeeds may warn. */
  readonly testOutput: string | undefined;
}

const NOT_OWN = "it is not this resource's any more";

/** Seconds. A reload may wait for a service's start; a test reads files. */
const OTHERS = 60;
const TEST = 60;
const RELOAD = 120;
const VERIFY_TIMEOUT_MS = 60_000;
/** What the host grants beyond `verify`'s own time: the way of the verdict. */
const SLACK = 15;

/** @throws HostError, or the signal's reason where the run was given up; then the old files are in use. */
export async function runTransaction(
  host: Host,
  plan: Plan,
  context: RunContext,
): Promise<Outcome> {
  context.signal?.throwIfAborted();
  const run = { tag: randomBytes(16).toString("hex"), nonce: randomBytes(4).toString("hex") };
  const verdict = Math.ceil((context.verifyTimeoutMs ?? VERIFY_TIMEOUT_MS) / 1000) + SLACK;
  const payload = transactionRecords(run, plan, {
    claims: context.claims ?? new Set(),
    verify: context.verify !== undefined,
    patience: { others: OTHERS, test: TEST, reload: RELOAD, verdict },
  });
  const count = plan.files.length;
  if (count > 0) context.progress(`writing ${String(count)} ${count === 1 ? "file" : "files"}`);
  const timeoutMs = (3 * OTHERS + 2 * TEST + 4 * RELOAD + verdict) * 1000;
  // Without the signal, which would kill the program: who gives up says so when he is asked, and it puts things back.
  const talk = await host.converse(BOOTSTRAP, { timeoutMs });
  const dialogue = new Dialogue(host, plan, context, talk, run.tag);
  try {
    return await dialogue.run(sendable(TRANSACTION) + payload);
  } finally {
    dialogue.hangUp();
  }
}

class Dialogue {
  readonly #host: Host;
  readonly #plan: Plan;
  readonly #context: RunContext;
  readonly #talk: Conversation;
  readonly #tag: string;
  readonly #files: StoredFile[] = [];
  /** What the program was last known to be at. */
  #step = "write files";
  #testOutput: string | undefined;
  #refusal: unknown;

  constructor(host: Host, plan: Plan, context: RunContext, talk: Conversation, tag: string) {
    this.#host = host;
    this.#plan = plan;
    this.#context = context;
    this.#talk = talk;
    this.#tag = tag;
  }

  hangUp(): void {
    this.#talk.end().catch(() => undefined);
  }

  async run(text: string): Promise<Outcome> {
    // Not awaited before reading: a program that stops early says why, and no longer listens.
    const sent = this.#talk.write(text).catch(() => undefined);
    for (;;) {
      const words = await this.#next();
      switch (words[0]) {
        case "done":
          await sent;
          return { host: this.#host.label, files: this.#files, testOutput: this.#testOutput };
        case "file":
          this.#files.push(storedFile(words));
          break;
        case "kept":
          this.#warnOfKept(words);
          break;
        case "tested":
          this.#testOutput = unpack(words[1]);
          break;
        case "ready":
          await this.#reload();
          break;
        case "verify":
          await this.#verify();
          break;
        default:
          this.#follow(words[0] ?? "");
      }
    }
  }

  /** The program's next words; throws where they tell of a failure, or where there are none. */
  async #next(): Promise<string[]> {
    for (;;) {
      const line = await this.#talk.readLine().catch((error: unknown) => {
        throw this.#lost(error);
      });
      if (line === undefined) throw await this.#endedEarly();
      const words = wordsOf(line, this.#tag);
      if (words === undefined) continue;
      if (words[0] === "lacks") throw lacks(this.#host, words);
      if (words[0] === "failed") throw this.#failure(words);
      return words;
    }
  }

  #follow(word: string): void {
    const steps: Record<string, string> = {
      prepared: "switch",
      switched: this.#plan.test === undefined ? "switch" : "test",
    };
    this.#step = steps[word] ?? this.#step;
    if (word === "switched" && this.#plan.test !== undefined)
      this.#context.progress(`testing: ${this.#plan.test}`);
  }

  async #reload(): Promise<void> {
    this.#step = "reload";
    const own = async (): Promise<void> => {
      this.#context.signal?.throwIfAborted();
      this.#context.progress(`reloading: ${this.#plan.reload ?? ""}`);
      await this.#say("reload");
      for (;;) if ((await this.#next())[0] === "reloaded") return;
    };
    try {
      const how = await (this.#context.ticket?.reload(own) ?? own().then(() => "own"));
      if (how === "shared") await this.#say("shared");
    } catch (error) {
      if (this.#context.signal?.aborted !== true || error instanceof HostError) throw error;
      await this.#say("rollback");
    }
  }

  async #verify(): Promise<void> {
    this.#step = "verify";
    try {
      await this.#context.verify?.(this.#context.signal);
    } catch (error) {
      this.#refusal = error;
    }
    await this.#say(this.#refusal === undefined ? "commit" : "rollback");
  }

  /* A word that does not get through: the next answer, or its absence, tells more. */
  async #say(word: string): Promise<void> {
    await this.#talk.write(`${word}\n`).catch(() => undefined);
  }

  #warnOfKept(words: readonly string[]): void {
    const { urn } = holderOf(words[3] ?? "");
    // A replacement of the same resource has written it anew.
    if (urn !== undefined && urn === this.#plan.urn) return;
    const { warn, left = warn } = this.#context;
    const isChanged = words[2] === "changed";
    const notOwn = urn === undefined ? NOT_OWN : `${NOT_OWN}, but of ${urn}`;
    const why = isChanged ? "it was changed since it was written" : notOwn;
    const tell = isChanged ? warn : left;
    tell(`${this.#host.label}: ${unpack(words[1])} is left as it is: ${why}`);
  }

  /** `failed STEP CODE WORDS nothing|restored|reloaded|failed|incomplete` */
  #failure(words: readonly string[]): Error {
    const { signal } = this.#context;
    if (signal?.aborted === true && signal.reason instanceof Error) return signal.reason;
    const step = unpack(words[1]);
    const exitCode = Number(words[2]);
    const heard = lastWords(unpack(words[3]));
    const said = this.#context.conceal?.(heard) ?? heard;
    const aftermath: Record<string, string> = {
      restored: "; the old files are in use again",
      reloaded: "; the old files are in use again, and were reloaded",
      failed: "; the old files are in use again, but their reload failed, too",
      incomplete: "; NOT all of the old files could be put back",
    };
    const after = aftermath[words[4] ?? ""] ?? "; nothing was changed";
    const what =
      this.#refusal !== undefined
        ? messageOf(this.#refusal)
        : step === "verify" || step === "wait for the reload"
          ? "no word came from this side"
          : `${said === "" ? "it failed" : said} (exit code ${String(exitCode)})`;
    return new HostError(
      codeOf(heard),
      { host: this.#host.label, step, detail: `${what}${after}`, exitCode },
      this.#refusal === undefined ? undefined : { cause: this.#refusal },
    );
  }

  #lost(error: unknown): Error {
    const code = error instanceof HostError ? error.code : "connection-lost";
    const said =
      error instanceof HostError
        ? error.message.slice(`${error.host}: ${error.step}: `.length)
        : messageOf(error);
    const detail = `${said}; the host puts the old files back by itself unless all was done`;
    return new HostError(
      code,
      { host: this.#host.label, step: this.#step, detail },
      // What is quoted already.
      { cause: error instanceof HostError ? error.cause : error },
    );
  }

  async #endedEarly(): Promise<Error> {
    const { code, stderr } = await this.#talk.end().catch((error: unknown) => {
      throw this.#lost(error);
    });
    const said = lastWords(stderr);
    const detail = `the program on the host ended early (exit code ${String(code)})${said === "" ? "" : `: ${said}`}`;
    return new HostError(codeOf(said), {
      host: this.#host.label,
      step: this.#step,
      detail,
      exitCode: code,
    });
  }
}
