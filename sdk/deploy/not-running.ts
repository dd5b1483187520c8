/** A service that does not run: it has nothing to reload, and must not lose the files without which it may never start. */
import { type Host, HostError } from "../hosts";
import type { Plan } from "./files";
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
  /\bIs (the )?server running\b/, // pg_ctl, psql
  /\bCan't connect to (local )?((MySQL|MariaDB) )?server through socket\b/, // mysqladmin
  /\bconnection refused\b/i, // whatever speaks with its service: rndc, caddy, redis-cli
];

export function saysNotRunning(words: string): boolean {
  return WORDS.some((pattern) => pattern.test(words));
}

/** The files are on the host, and what was demanded of the service cannot be, because it does not run. */
export class NotRunningError extends HostError {}

/**
 * {@link applyPlan}; where `reload` says that the service does not run, the files stay, tested and without a reload, with a warning.
 *
 * @throws {@link NotRunningError} where `verify` is given: nobody serves the files, which stay nevertheless.
 * @see acmesh-official/acme.sh#4639
 */
export async function applyOrKeep(
  host: Host,
  plan: Plan,
  context: ApplyContext & { readonly service: string },
): Promise<Applied & { readonly notRunning: boolean }> {
  try {
    return { ...(await applyPlan(host, plan, context)), notRunning: false };
  } catch (error) {
    if (!(error instanceof HostError) || error.step !== "reload" || !saysNotRunning(error.message))
      throw error;
    const { verify, service, ...rest } = context;
    const applied = await applyPlan(host, { ...plan, reload: undefined }, { ...rest, force: true });
    const detail = `${service} does not run (${reasonOf(error)}); the new files are kept, and are used when it is started`;
    if (verify !== undefined)
      throw new NotRunningError("command", { host: host.label, step: "verify", detail });
    context.warn(`${host.label}: ${detail}`);
    return { ...applied, notRunning: true };
  }
}

/** What the command said, without what became of the files after it. */
function reasonOf({ host, step, message }: HostError): string {
  return message.slice(`${host}: ${step}: `.length).replace(/; the old files are .*$/, "");
}
