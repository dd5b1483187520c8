/** Why nginx did not take over a configuration: `nginx -s reload` ends well nevertheless. Pure. */
import { askNginx } from "./commands";

/** nginx writes no longer lines (NGX_MAX_ERROR_STR). */
export const MAX_LINE = 2048;

/** How long before the reload a line may seem to be: the log counts whole seconds. */
const GRACE_MS = 1000;

/**
 * A command that prints the host's clock, and the last lines at level `emerg` of the error log of the nginx that `test` tests. `undefined`
 * where it cannot be asked. Its configuration, which may hold secrets, stays on the host.
 */
export function emergenciesCommand(test: string): string | undefined {
  // In a container, or on another host, the log lies there.
  if (!/^\s*(?:sudo +)?['"]?[\w./-]*nginx/.test(test)) return undefined;
  const [dump, build] = [askNginx(test, "-T"), askNginx(test, "-V")];
  if (dump === undefined || build === undefined) return undefined;
  return `
log=$({ ${dump}; } 2>/dev/null </dev/null | awk '$1 == "error_log" { gsub(/[";\\047]/, "", $2); print $2; exit }')
built() { { ${build}; } 2>&1 </dev/null | tr ' ' '\\n' | sed -n "s/^--$1=//p"; }
[ -n "$log" ] || log=$(built error-log-path)
case $log in /*) ;; *) log=$(built prefix)/$log ;; esac
date '+%Y/%m/%d %H:%M:%S'
if [ -f "$log" ]; then tail -c 20000 "$log" | grep -F '[emerg]' | tail -n 20; fi`;
}

/** What the lines of {@link emergenciesCommand} say, each once, as far as they are of the last `elapsedMs`. */
export function emergenciesWithin(elapsedMs: number, answer: string): readonly string[] {
  const [clock = "", ...lines] = answer.split("\n");
  const since = timeOf(clock) - elapsedMs - GRACE_MS;
  const recent = lines.flatMap((line) => {
    const text = /\[emerg\] (?:\d+#\d+: )?(.*)$/.exec(line.slice(0, MAX_LINE).trimEnd())?.[1];
    return text !== undefined && timeOf(line) >= since ? [text] : [];
  });
  return [...new Set(recent)];
}

/** Of `2026/11/27 07:09:00 …`; only differences count, so that the time zone does not matter. */
function timeOf(line: string): number {
  const [, date = "", time = ""] = /^(\d{4}\/\d\d\/\d\d) (\d\d:\d\d:\d\d)/.exec(line) ?? [];
  return Date.parse(`${date.replaceAll("/", "-")}T${time}Z`);
}
