/** Asks a host's nginx why it goes on with its former configuration. */
import type { Host } from "../hosts";
import { emergenciesCommand, emergenciesWithin } from "../nginx/error-log";

/**
 * What the error log of the nginx that `test` tests says at level `emerg` of the last `elapsedMs`; nothing where it cannot be read.
 *
 * @see certbot/certbot#7555
 */
export async function nginxEmergencies(
  host: Host,
  test: string,
  elapsedMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const command = emergenciesCommand(test);
  if (command === undefined) return [];
  const { stdout } = await host.run(command, { signal });
  return emergenciesWithin(elapsedMs, stdout);
}
