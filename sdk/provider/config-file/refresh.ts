/** Looks at a configuration file as its host holds it now. */
import { isDefect } from "../../util/defect";
import { messageOf } from "../../util/errors";
import type { Context } from "../engine/resource";
import { driftOf, lookAtFile } from "./look";
import { onHost } from "./on-host";
import type { ConfigFile, ConfigFileState } from "./state";

/** `pulumi refresh` waits no longer for a host that does not answer. */
const REFRESH_TIMEOUT_MS = 30_000;

/** The state with what the host holds now. A host that cannot be asked is a warning. */
export async function refreshConfigFile<State extends ConfigFileState>(
  file: ConfigFile,
  state: State,
  context: Context,
): Promise<State> {
  if (state.sha256 === undefined) return state;
  const { ownerId, stored } = state.__state;
  try {
    const found = await onHost(
      file.connection,
      context,
      (host, signal) => lookAtFile(host, file, signal),
      { timeoutMs: REFRESH_TIMEOUT_MS },
    );
    const drift = driftOf(found, file.path, ownerId, stored);
    return { ...state, __state: { ...state.__state, drift } };
  } catch (error) {
    if (isDefect(error)) throw error;
    context.warn(`the ${file.what} was not refreshed: ${messageOf(error)}`);
    return state;
  }
}
