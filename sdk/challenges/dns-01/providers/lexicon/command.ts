/** Running dns-lexicon: its version, its arguments, what it answers. */
import { ConfigurationError, messageOf } from "../../../../util/errors";
import { singleLine } from "../../../../util/text";
import { runHook } from "../../../hooks/process";
import { Remembered } from "../../remembered";
import type { LexiconArguments } from "./arguments";

const CALL_MS = 2 * 60_000;
const VERSION_MS = 30_000;
/** Whose options and variables are used here. */
const MIN_VERSION = 3;
const INSTALLATION =
  "install it with apt-get install lexicon or pipx install dns-lexicon, or give command";

export interface Lexicon {
  /** @throws {@link ConfigurationError} where there is no lexicon, or one that is too old */
  check(signal: AbortSignal): Promise<void>;
  /** @returns what it wrote to standard output */
  call(args: readonly string[], signal: AbortSignal): Promise<string>;
}

/** Lexicon with the credentials in its environment, where no other user sees them. */
export function lexiconWith({
  provider,
  credentials,
  command = ["lexicon"],
}: LexiconArguments): Lexicon {
  const environment = Object.fromEntries(
    Object.entries(credentials).map(([key, value]) => [variableOf(provider, key), value.trim()]),
  );
  return {
    // Once for this process.
    check: (signal) =>
      versions.get(JSON.stringify(command), signal, () => checkVersion(command, signal), 0),
    call: (args, signal) =>
      runHook({ what: "", command, args, environment, timeoutMs: CALL_MS, signal }),
  };
}

/** `LEXICON_INWX_AUTH_USERNAME` for `authUsername` of `inwx`. @see https://dns-lexicon.readthedocs.io/en/latest/configuration_reference.html */
export function variableOf(provider: string, key: string): string {
  const snake = key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_");
  return `LEXICON_${provider}_${snake}`.toUpperCase();
}

/** Of commands: what they are found to be. */
const versions = new Remembered<void>("version of lexicon");

async function checkVersion(command: readonly string[], signal: AbortSignal): Promise<void> {
  const [program = ""] = command;
  let said: string;
  try {
    said = await runHook({
      what: "",
      command,
      args: ["--version"],
      environment: {},
      timeoutMs: VERSION_MS,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new ConfigurationError(
      `the solver lexicon needs the program dns-lexicon: ${messageOf(error)}; ${INSTALLATION}`,
      { cause: error },
    );
  }
  const version = /^(?:dns-)?lexicon (\d+)\./m.exec(said)?.[1];
  if (version === undefined || Number(version) < MIN_VERSION) {
    throw new ConfigurationError(
      `${program} --version says "${singleLine(said, 80)}", which is not dns-lexicon ${String(MIN_VERSION)} or later; ${INSTALLATION}`,
    );
  }
}
