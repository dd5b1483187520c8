/** Writes a configuration file on its host, and has its service take it. */
import {
  type Applied,
  applyOrKeep,
  type KeepContext,
  NotRunningError,
  type Plan,
  saysNotRunning,
  type StoredFile,
} from "../../deploy";
import { FAILURES } from "../../deploy/services/together";
import { type Host, HostError, type OpenOptions } from "../../hosts";
import { withLock } from "../../util/concurrency";
import type { Context } from "../engine/resource";
import { conceal } from "./conceal";
import { marker, type Owner } from "./first-line";
import { lookAtFile } from "./look";
import { onHost } from "./on-host";
import { takeover } from "./ownership";
import type { ConfigFile } from "./state";

/** Whose life it is, and what it knows. */
export interface Writing extends Pick<OpenOptions, "newHost"> {
  readonly ownerId: string;
  /** Also where the host holds it all. */
  readonly force: boolean;
  /** On the host, before anything is written: the text, and who is asked in the end. */
  readonly prepare: (host: Host, signal: AbortSignal) => Promise<Prepared>;
  /** On the host, where it did not work: what may be done about it. */
  readonly advise?: (
    host: Host,
    error: HostError,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
  /** On the host, after it was written. */
  readonly after?: (host: Host, written: Written, signal: AbortSignal) => Promise<void>;
}

export interface Prepared {
  /** Without the first line that says whose it is. */
  readonly text: string;
  /** After the reload: throws where the service does not work, and the old file is put back. */
  readonly verify?: KeepContext["verify"];
  readonly verifyTimeoutMs?: number | undefined;
  readonly mustRun?: KeepContext["mustRun"];
}

export interface Written {
  readonly text: string;
  readonly stored: StoredFile | undefined;
  readonly changed: boolean;
  readonly reloaded: boolean;
  readonly notRunning: boolean;
  readonly testOutput: string | undefined;
  /** Without what a secret text holds: for the service's own words. */
  readonly shown: (words: string) => string;
}

export async function writeConfigFile(
  file: ConfigFile,
  { ownerId, force, newHost, prepare, advise, after }: Writing,
  context: Context,
): Promise<Written> {
  const owner = { token: ownerId, urn: context.urn };
  const { path } = file;
  const { progress, warn } = context;
  const work = async (host: Host, signal: AbortSignal): Promise<Written> => {
    progress(`looks at ${path} on ${host.label}`);
    const takes = takeover(await lookAtFile(host, file, signal), owner, context.isLiving, file);
    if ("refusal" in takes) {
      const step = `write ${path}`;
      throw new HostError("command", { host: host.label, step, detail: takes.refusal });
    }
    const { text, ...demands } = await prepare(host, signal);
    const shown = (words: string): string =>
      context.holdsSecret ? withoutSecret(words, text, file) : words;
    const applied = await applyOrKeep(host, planFor(file, owner, text), {
      signal,
      progress,
      warn,
      force,
      ...demands,
      conceal: shown,
      service: file.service,
    }).catch(async (error: unknown) => {
      throw await withAdvice(error, (known) => advise?.(host, known, signal));
    });
    // Where no first line says it, the transaction knows whose the file was, and says so.
    if (takes.warning !== undefined && file.commentPrefix !== false)
      warn(`${host.label}: ${path}: ${takes.warning}`);
    const written = writtenBy(applied, text, shown);
    await after?.(host, written, signal);
    return written;
  };
  // Of two resources with one path the second one finds what the first one wrote.
  return withLock([placeOf(file)], () => onHost(file.connection, context, work, { newHost }));
}

async function withAdvice(
  error: unknown,
  advise: (error: HostError) => Promise<string | undefined> | undefined,
): Promise<unknown> {
  if (!(error instanceof HostError) || error instanceof NotRunningError) return error;
  const advice = await advise(error)?.catch(() => undefined);
  if (advice === undefined) return error;
  const { code, host, step, message, exitCode, cause } = error;
  const detail = `${message.slice(`${host}: ${step}: `.length)}; ${advice}`;
  return new HostError(code, { host, step, detail, exitCode }, { cause });
}

function writtenBy(
  applied: Applied & { readonly notRunning: boolean },
  text: string,
  shown: Written["shown"],
): Written {
  const { files, changed, reloaded, notRunning, testOutput } = applied;
  return { text, stored: files[0], changed, reloaded, notRunning, testOutput, shown };
}

function withoutSecret(words: string, text: string, { path }: ConfigFile): string {
  const said = conceal(words, text, [path, ...FAILURES]);
  // What follows from the words must still be seen in them.
  return saysNotRunning(words) && !saysNotRunning(said) ? `${said} (not running)` : said;
}

function placeOf({ connection, path }: ConfigFile): string {
  const place = connection === "local" ? "local" : [connection.host, connection.port];
  return JSON.stringify(["configuration file", place, path]);
}

/* The manifest has the URN where no first line has it. */
export function planFor(file: ConfigFile, owner: Owner, text: string): Plan {
  const { path, mode, owner: user, group, commentPrefix } = file;
  const { needs, test, reload, reloads } = file;
  const whole = commentPrefix === false ? text : `${marker(owner, commentPrefix)}\n${text}`;
  return {
    resource: owner.token,
    urn: commentPrefix === false ? owner.urn : undefined,
    files: [{ path, content: Buffer.from(whole, "utf8"), mode, owner: user, group }],
    needs,
    test,
    reload,
    reloads,
  };
}
