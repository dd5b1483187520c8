/** Files on a host, as one transaction: all of the new ones in use and served, or all of the old ones. */
import { type Host, HostError } from "../hosts";
import {
  directoriesOf,
  type FoundFile,
  isHeld,
  isStandIn,
  ownerIn,
  type Plan,
  type StoredFile,
} from "./files";
import { readFiles } from "./inspect";
import { enterReload, type ReloadTicket } from "./reload-queue";
import { type Outcome, runTransaction } from "./run";
import { withLock } from "../util/concurrency";
import { enumerate } from "../util/text";

export interface ApplyContext {
  /** Aborted before the verdict, the old files are put back. */
  readonly signal?: AbortSignal;
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
  /** After the reload: throws where the new files are not what is served, and they are rolled back. */
  readonly verify?: ((signal?: AbortSignal) => Promise<void>) | undefined;
  /** How long `verify` may take, in milliseconds; default 60 000. A little later the host decides by itself. */
  readonly verifyTimeoutMs?: number;
  /** What the test and reload commands said, as it may be shown; default: as it is. */
  readonly conceal?: ((words: string) => string) | undefined;
  /** Write, test and reload also where the host holds it all. */
  readonly force?: boolean | undefined;
  /** Leaves everything as it is where another's file lies, or all of our own do. */
  readonly onlyWhereAbsent?: boolean | undefined;
}

export interface Applied {
  readonly changed: boolean;
  readonly reloaded: boolean;
  readonly files: StoredFile[];
  /** What the test command said when it succeeded; absent where it did not run. */
  readonly testOutput?: string | undefined;
}

/**
 * Brings the files of `plan` onto the host. Where it holds them, nothing is touched, tested or reloaded; where another
 * resource wrote the same, the manifest alone changes.
 *
 * @throws {@link HostError} with the old files in use again: `no-space`, `permission`, `command` with the step (`test`,
 *   `reload`, `verify`, `write PATH` …). With `connection-lost` or `timeout` the host decides by itself, for the old ones
 *   unless everything was done.
 */
export function applyPlan(host: Host, plan: Plan, context: ApplyContext): Promise<Applied> {
  return inDirectories(host, plan, async (ticket) => {
    const { signal } = context;
    const paths = [...plan.files.map(({ path }) => path), ...(plan.remove ?? [])];
    const found = await readFiles(host, paths, signal === undefined ? {} : { signal });
    const held = new Set(
      plan.files.filter((file) => isHeld(file, found.get(file.path))).map(({ path }) => path),
    );
    if (context.onlyWhereAbsent === true && isTaken(plan, found)) {
      const files = plan.files.flatMap(({ path }) => storedOf(found.get(path)));
      return { changed: false, reloaded: false, files };
    }
    const nothingToRemove = (plan.remove ?? []).every((path) => !isOwn(plan, found.get(path)));
    const warnOfTaken = (): void => {
      const words = takenOver(plan, found);
      if (words !== undefined) context.warn(`${host.label}: ${words}`);
    };
    if (held.size < plan.files.length || !nothingToRemove || context.force === true) {
      const outcome = await runTransaction(host, plan, { ...context, ticket });
      warnOfTaken();
      const { testOutput } = outcome;
      const reloaded = plan.reload !== undefined;
      return { changed: true, reloaded, files: inOrder(plan, outcome), testOutput };
    }
    const foreign = plan.files.filter(({ path }) => !isOwn(plan, found.get(path)));
    if (foreign.length > 0 || (plan.readable ?? []).length > 0) await claim(host, plan, context);
    warnOfTaken();
    const files = plan.files.flatMap(({ path }) => storedOf(found.get(path)));
    return { changed: false, reloaded: false, files };
  });
}

/** In words: the files that were another resource's until now. A replacement of the same one has its URN. */
function takenOver(plan: Plan, found: ReadonlyMap<string, FoundFile>): string | undefined {
  // Who gives none decides by himself what may be taken over.
  if (plan.urn === undefined) return undefined;
  const byOwner = new Map<string, string[]>();
  for (const { path } of plan.files) {
    const entry = found.get(path)?.entry;
    if (entry === undefined || entry.resource === plan.resource) continue;
    if (entry.urn === plan.urn || isStandIn(entry.resource)) continue;
    byOwner.set(ownerIn(entry), [...(byOwner.get(ownerIn(entry)) ?? []), path]);
  }
  if (byOwner.size === 0) return undefined;
  const what = [...byOwner].map(([owner, paths]) => `${enumerate(paths)} of ${owner}`);
  return `takes over ${what.join("; ")}: whoever deploys last has a file, so give each of them its own directory, or remove the other one (a new name of the same resource is told by the option \`aliases\`)`;
}

export interface RemoveOptions {
  /** The resource's, see {@link Plan}. */
  readonly urn?: string | undefined;
  readonly test?: string;
  readonly reload?: string;
  readonly signal?: AbortSignal;
  readonly progress?: (message: string) => void;
  readonly warn?: (message: string) => void;
  /** Told of a file that has become another resource's; default: `warn`. */
  readonly left?: (message: string) => void;
}

/**
 * Removes those of `paths` that the manifest still calls `resource`'s and that nobody changed, and their directory
 * where it was made for them and is empty. What is left is warned about.
 *
 * @throws {@link HostError} as {@link applyPlan} does; then nothing was removed.
 */
export async function removeFiles(
  host: Host,
  resource: string,
  paths: readonly string[],
  options: RemoveOptions = {},
): Promise<void> {
  const { urn, test, reload, signal, progress = ignore, warn = ignore, left } = options;
  const plan: Plan = {
    resource,
    urn,
    files: [],
    remove: paths,
    ...(test !== undefined && { test }),
    ...(reload !== undefined && { reload }),
  };
  await inDirectories(host, plan, (ticket) =>
    runTransaction(host, plan, {
      progress,
      warn,
      left,
      ticket,
      ...(signal !== undefined && { signal }),
    }),
  );
}

function ignore(): void {
  // Nobody asked to be told.
}

async function inDirectories<T>(
  host: Host,
  plan: Plan,
  work: (ticket: ReloadTicket | undefined) => Promise<T>,
): Promise<T> {
  const keys = directoriesOf(plan).map((directory) => JSON.stringify([host.identity, directory]));
  return withLock(keys, async () => {
    // Announced before anything is looked at: who is nearly ready for the same reload waits for it.
    // By label: two ports of one name may be two machines, and each has a service of its own.
    const ticket = plan.reload === undefined ? undefined : enterReload(host.label, plan.reload);
    try {
      return await work(ticket);
    } finally {
      ticket?.leave();
    }
  });
}

function isOwn(plan: Plan, found: FoundFile | undefined): boolean {
  return found?.entry?.resource === plan.resource;
}

/** Whether a file of somebody else lies where `plan` would write, or all of its own lie there. */
function isTaken(plan: Plan, found: ReadonlyMap<string, FoundFile>): boolean {
  const there = plan.files.flatMap(({ path }) => found.get(path) ?? []);
  return (
    there.length === plan.files.length ||
    there.some((file) => !isOwn(plan, file) || file.entry?.sha256 !== file.sha256)
  );
}

/** Writes the files down as this resource's, and tries the users that must be able to read them; nothing else. */
async function claim(host: Host, plan: Plan, context: ApplyContext): Promise<void> {
  const { signal, progress, warn } = context;
  const { resource, urn, files, readable = [] } = plan;
  const claims = new Set(files.map(({ path }) => path));
  const run = { progress, warn, ticket: undefined, claims };
  const changesHands = { resource, urn, files, readable };
  await runTransaction(host, changesHands, signal === undefined ? run : { ...run, signal });
}

function storedOf(found: FoundFile | undefined): StoredFile[] {
  if (found === undefined) return [];
  const { path, sha256, mode, owner, group } = found;
  return [{ path, sha256, mode, owner, group }];
}

/** The program names files in the order of its locks; callers know them in their own. */
function inOrder(plan: Plan, outcome: Outcome): StoredFile[] {
  return plan.files.map(({ path }) => {
    const stored = outcome.files.find((file) => file.path === path);
    if (stored !== undefined) return stored;
    // It said "done", so this is its fault or that of what lies between.
    throw new HostError("command", {
      host: outcome.host,
      step: `write ${path}`,
      detail: "the program on the host did not say what became of it",
    });
  });
}
