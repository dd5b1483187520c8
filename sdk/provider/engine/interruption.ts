/**
 * What happens to running operations when the process is told to end.
 *
 * One Ctrl-C never arrives here. A second one is a SIGINT and five seconds: enough to undo challenges. The same signal
 * ends every deployment normally, so nobody listens while nothing runs: a listener would cost those five seconds.
 */

const running = new Map<AbortController, Promise<unknown>>();

/** Runs `work` with a signal that is aborted when the process is interrupted; the process then waits for it. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  if (running.size === 0) process.on("SIGINT", interrupt);
  const promise = work(controller.signal);
  running.set(controller, promise);
  try {
    return await promise;
  } finally {
    running.delete(controller);
    if (running.size === 0) process.removeListener("SIGINT", interrupt);
  }
}

function interrupt(): void {
  const unfinished = [...running.values()];
  for (const controller of running.keys()) controller.abort(new Error("interrupted"));
  void Promise.allSettled(unfinished).then(() => process.exit(130));
}
