/** Removes a configuration file from its host. */
import { applyPlan, reloadsIn, removeFiles, saysNotRunning } from "../../deploy";
import type { ServiceCommand } from "../../deploy/services/together";
import type { Host } from "../../hosts";
import { isElsewhere } from "../arguments/machine";
import type { Reporter } from "../engine/progress";
import { removing } from "../engine/removal";
import type { Context } from "../engine/resource";
import { type FoundConfig, lookAtFile } from "./look";
import { onHost } from "./on-host";
import type { ConfigFile, ConfigFileState } from "./state";
import { planFor } from "./write";

/**
 * Removes the file if it is still this resource's.
 *
 * @param living - what has taken its place
 * @param beforehand - what has to be undone before
 */
export async function removeConfigFile(
  file: ConfigFile,
  { __state: { ownerId } }: ConfigFileState,
  context: Context,
  living: ConfigFileState | undefined,
  beforehand?: (host: Host, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { connection, path, what, forgetUnreachable } = file;
  const { warn } = context;
  const successor = living?.__state.ownerId === ownerId ? undefined : living;
  const moved =
    successor !== undefined && isElsewhere(connection, successor.__arguments.connection);
  const removal = { what, forgetUnreachable, moved, leftovers: [path], warn };
  await removing(removal, () =>
    onHost(connection, context, async (host, signal) => {
      const found = await lookAtFile(host, file, signal);
      if (found === "absent") return;
      if (found.owner?.token !== ownerId) {
        const whose = found.owner?.urn;
        // The normal course of a replacement, and of a new name.
        const tell = whose !== undefined && context.isLiving(whose) ? context.info : warn;
        tell(`${host.label}: ${path} is left as it is: it is not this resource's any more`);
        return;
      }
      await beforehand?.(host, signal);
      if (await removeOwn(host, file, found, ownerId, context, signal))
        await reloadAfterRemoval(host, file, context, signal);
    }),
  );
}

/** Whether it is gone: what was changed is left there, unless our first line says whose it is. */
async function removeOwn(
  host: Host,
  file: ConfigFile,
  { file: { entry, sha256 } }: FoundConfig,
  ownerId: string,
  { urn, progress, warn }: Context,
  signal: AbortSignal,
): Promise<boolean> {
  const options = { signal, progress, warn };
  const isEdited = entry?.sha256 !== sha256;
  const isMarked = file.commentPrefix !== false;
  // The transaction removes only what it wrote. Lines that somebody added to a file of ours go with it.
  if (isEdited && isMarked) {
    const { resource, files } = planFor(file, { token: ownerId, urn }, "");
    await applyPlan(host, { resource, files }, options);
  }
  await removeFiles(host, ownerId, [file.path], { ...options, urn });
  return isMarked || !isEdited;
}

/* The file is gone from the configuration; a service that is broken for another reason must not keep it. */
async function reloadAfterRemoval(
  host: Host,
  file: ConfigFile,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { service, test } = file;
  const run = (command: ServiceCommand) => runOrWarn(host, file, command, reporter, signal);
  if (test !== undefined && !(await run({ service, command: test }))) return;
  for (const reload of reloadsIn(file, service)) await run(reload);
}

/** Whether it succeeded. A service that does not run need not know of the removal. */
async function runOrWarn(
  host: Host,
  { what }: ConfigFile,
  { service, command }: ServiceCommand,
  { progress, warn }: Reporter,
  signal: AbortSignal,
): Promise<boolean> {
  progress(`runs ${command}`);
  const { code, stdout, stderr } = await host.run(command, { signal });
  const said = `${stdout}\n${stderr}`;
  if (code === 0 || saysNotRunning(said)) return code === 0;
  const words = said.trim().split("\n").slice(-3).join(" ");
  warn(
    `${host.label}: the ${what} was removed, but ${service} was not reloaded: ${command}: ${words === "" ? `exit code ${String(code)}` : words}`,
  );
  return false;
}
