/** A service that does not run: it has nothing to reload, and must not lose the files without which it may never start. */
import { type Host, HostError } from "../hosts";
import type { Plan } from "./files";
import { failedIn, inTurn, type ServiceCommand } from "./services/together";
import { type Applied, type ApplyContext, applyPlan } from "./transaction";

/** What a reload says where nothing runs. */
const WORDS: readonly RegExp[] = [
  /invalid PID number ""/, // nginx, of an empty file
  /\[error\] open\(\) "[^"]+" failed \(2: /, // nginx, without the file
  /kill\(\d+, \d+\) failed \(3: /, // nginx, of a process that has ended
  /is not active, cannot reload/, // systemd
  /has not been started/, // OpenRC
  /\bnot running\b/i, // apachectl, Postfix, Dovecot, Docker, supervisord
  /\bNo such process\b/, // kill
  /\bno process (found|killed)\b/, // killall
  /\bIs (the )?(server|docker daemon) running\b/, // pg_ctl, psql, docker
  /\bCan't connect to (local )?((MySQL|MariaDB) )?server through socket\b/, // mysqladmin
  /\bconnection refused\b/i, // whatever speaks with its service: rndc, caddy, redis-cli
];

export function saysNotRunning(words: string): boolean {
  return WORDS.some((pattern) => pattern.test(words));
}

/** The files are on the host, and what was demanded of the service cannot be, because it does not run. */
export class NotRunningError extends HostError {}

/** Whether the host may hold new files although this side saw a failure. */
export function isUncertain(error: unknown): boolean {
  if (error instanceof NotRunningError) return true;
  return (
    error instanceof HostError &&
    error.step !== "connect" &&
    (error.code === "connection-lost" || error.code === "timeout")
  );
}

type Verify = (signal: AbortSignal | undefined, down: ReadonlySet<string>) => Promise<void>;

export interface KeepContext extends Omit<ApplyContext, "verify"> {
  /** For messages. */
  readonly service: string;
  /** As in {@link ApplyContext}; is told which of several services do not run. */
  readonly verify?: Verify | undefined;
  /** Those of several services that have to run where `verify` is given. */
  readonly mustRun?: ReadonlySet<string> | undefined;
}

/**
 * {@link applyPlan}; where `reload` says that the service does not run, the files stay, tested and without its reload, with a warning.
 *
 * @throws {@link NotRunningError} where `verify` is given: nobody serves the files, which stay nevertheless.
 * @see acmesh-official/acme.sh#4639
 */
export async function applyOrKeep(
  host: Host,
  plan: Plan,
  { verify, service, mustRun, ...context }: KeepContext,
): Promise<Applied & { readonly notRunning: boolean }> {
  let running = reloadsIn(plan, service);
  const isSeveral = running.length > 1;
  const down = new Map<string, string>();
  for (;;) {
    const isOneUp = down.size === 0 || running.length > 0;
    try {
      const applied = await applyPlan(
        host,
        { ...plan, reload: inTurn("reload", running) },
        {
          ...context,
          verify: isOneUp && verify ? (signal) => verify(signal, new Set(down.keys())) : undefined,
          force: down.size > 0 || context.force,
        },
      );
      for (const [name, why] of down) {
        const detail = `${name} does not run (${why}); the new files are kept, and are used when it is started`;
        if (verify !== undefined && (!isSeveral || mustRun === undefined || mustRun.has(name)))
          throw new NotRunningError("command", { host: host.label, step: "verify", detail });
        context.warn(`${host.label}: ${detail}`);
      }
      return { ...applied, notRunning: down.size > 0 };
    } catch (error) {
      const stopped = stoppedIn(error, running);
      if (stopped === undefined) throw error;
      running = running.filter((command) => command !== stopped);
      down.set(stopped.service, reasonOf(error as HostError));
    }
  }
}

/** The services that have to run because their ports are asked; `undefined` where it is not known whose port each is. */
export function mustRunOf(
  asked: readonly { readonly service: string | undefined }[],
): ReadonlySet<string> | undefined {
  const names = asked.flatMap(({ service }) => service ?? []);
  return names.length === asked.length ? new Set(names) : undefined;
}

/** What tells the services of new files, each of several by itself. */
export function reloadsIn(
  { reload, reloads = [] }: Pick<Plan, "reload" | "reloads">,
  service: string,
): readonly ServiceCommand[] {
  if (reloads.length > 1) return reloads;
  return reload === undefined ? [] : [{ service, command: reload }];
}

/** The command whose service said in `error` that it does not run. */
function stoppedIn(error: unknown, running: readonly ServiceCommand[]): ServiceCommand | undefined {
  if (!(error instanceof HostError) || error.step !== "reload" || !saysNotRunning(error.message))
    return undefined;
  return failedIn(error.message, running);
}

/** What the command said, without what became of the files after it. */
function reasonOf({ host, step, message }: HostError): string {
  return message
    .slice(`${host}: ${step}: `.length)
    .replace(/; the old files are .*$/, "")
    .replace(/ the reload of \w+ failed(?= \()/, "");
}
