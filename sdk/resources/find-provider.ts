/** Whether Pulumi will find the handlers of this package's resources. */
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const HANDLERS = "pulumi-acme/provider";

/** Where the dynamic-provider process is started, too; the program may go elsewhere later. */
const PROGRAM_FOLDER = process.cwd();

/** In a unit test, or an inline program of the Automation API, the folder of the program is another one. */
const runByPulumi = /@pulumi[\\/]pulumi[\\/]cmd[\\/]run\b/.test(require.main?.filename ?? "");

/**
 * Refuses a program that could import this package only by a library between: the dynamic-provider process requires the handlers
 * from the program's folder, and its error names neither the reason nor a remedy.
 *
 * @throws RunError, which Pulumi shows without a stack trace
 * @see pnpm/pnpm#1963
 */
export function requireFindableHandlers(): void {
  if (runByPulumi && !canFindHandlers(PROGRAM_FOLDER)) throw new pulumi.RunError(REFUSAL);
}

const REFUSAL = `${HANDLERS} cannot be found from ${PROGRAM_FOLDER}, where Pulumi looks for the handlers of this package's resources: add pulumi-acme to the dependencies in the package.json of the program. That a library which the program uses depends on it is not enough`;

/** As Node.js would find them for a file in `folder`. */
export function canFindHandlers(folder: string): boolean {
  try {
    createRequire(join(folder, "program.js")).resolve(HANDLERS);
    return true;
  } catch {
    return false;
  }
}
