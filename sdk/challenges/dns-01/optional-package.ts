/** Packages that users install where a solver needs them. */
import { ConfigurationError } from "../../util/errors";

/**
 * What `load` imports.
 *
 * @param need - the beginning of the sentence that names the package where it is missing
 * @throws {@link ConfigurationError} where it is not installed
 */
export async function optionalPackage<T>(
  name: string,
  need: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    throw new ConfigurationError(
      `${need} the package ${name}, which is not installed: npm install ${name}`,
      { cause: error },
    );
  }
}
