/** Shell functions for work in a host's directories, also where somebody else may write: `directory.sh` says how. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `enter`, `enter_work`, `leave_work`, `rename` …: a program for a host begins with them. */
export const DIRECTORY_FUNCTIONS = readFileSync(join(__dirname, "directory.sh"), "utf8");
