/** The way to the host of a resource with files there. */
import { type Host, type OpenOptions, type Target, withHost } from "../../hosts";
import { withDeadline } from "../../util/abort";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";

interface Way extends Pick<OpenOptions, "newHost"> {
  readonly timeoutMs?: number;
}

export function onHost<T>(
  target: Target,
  { progress }: Reporter,
  work: (host: Host, signal: AbortSignal) => Promise<T>,
  { timeoutMs, newHost }: Way = {},
): Promise<T> {
  const open = (signal: AbortSignal): Promise<T> =>
    withHost(target, (host) => work(host, signal), { signal, progress, newHost });
  return interruptible((interrupted) =>
    timeoutMs === undefined
      ? open(interrupted)
      : withDeadline("the look at the host", timeoutMs, interrupted, open),
  );
}
