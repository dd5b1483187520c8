/** Removing something from a host that may be gone. */
import { HostError } from "../../hosts";

/**
 * @param what - what a destroy would remove: "deployment"
 * @throws what `work` throws; where the host could not be reached, with what can be done about it
 */
export async function removing(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HostError) || error.step !== "connect") throw error;
    throw new Error(
      `${error.message} (nothing was removed; where the host is gone for good, \`pulumi state delete\` forgets the ${what})`,
      { cause: error },
    );
  }
}
