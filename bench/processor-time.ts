/** How much the processors worked for the programs that this process started. */
import { readFileSync } from "node:fs";

/**
 * Seconds of all children that have ended, and of theirs: unlike the time on the wall, nearly untouched by what else the
 * machine does. `NaN` where the system does not tell (all but Linux).
 */
export function childrenSeconds(): number {
  let stat: string;
  try {
    stat = readFileSync("/proc/self/stat", "utf8");
  } catch {
    return NaN;
  }
  // proc(5): the 2nd field is a name in parentheses, the 16th and 17th are cutime and cstime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/** The kernel's USER_HZ, which is the same everywhere. */
const TICKS_PER_SECOND = 100;
