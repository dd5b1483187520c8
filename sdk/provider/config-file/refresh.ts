/** Looks at a configuration file as its host holds it now. */
import type { Host } from "../../hosts";
import { isDefect } from "../../util/defect";
import { messageOf } from "../../util/errors";
import type { Context } from "../engine/resource";
import { driftOf, lookAtFile } from "./look";
import { onHost } from "./on-host";
import type { ConfigFile, ConfigFileState } from "./state";

/** `pulumi refresh` waits no longer for a host that does not answer. */
const REFRESH_TIMEOUT_MS = 30_000;

/**
 * The state with what the host holds now. A host that cannot be asked is a warning.
 *
 * @param driftBeside - what is other than it should be although the file is as it was left
 */
export async function refreshConfigFile<State extends ConfigFileState>(
  file: ConfigFile,
  state: State,
  context: Context,
  driftBeside?: (host: Host, signal: AbortSignal) => Promise<readonly string[] | undefined>,
): Promise<State> {
  if (state.sha256 === undefined) return state;
  const { ownerId, stored } = state.__state;
  try {
    const look = async (host: Host, signal: AbortSignal) =>
      driftOf(await lookAtFile(host, file, signal), file.path, ownerId, stored) ??
      driftBeside?.(host, signal);
    const drift = await onHost(file.connection, context, look, { timeoutMs: REFRESH_TIMEOUT_MS });
    return { ...state, __state: { ...state.__state, drift } };
  } catch (error) {
    if (isDefect(error)) throw error;
    context.warn(`the ${file.what} was not refreshed: ${messageOf(error)}`);
    return state;
  }
}
