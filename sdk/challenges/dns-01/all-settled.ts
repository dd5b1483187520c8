/** Doing everything before the errors are thrown. */
import { mapConcurrent } from "../../util/concurrency";

/** Waits for all of `work`. @throws the only error as it is, several as one `AggregateError` */
export async function allSettled(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  throwAll(
    results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : [])),
  );
}

/** Like {@link allSettled}, one after the other. */
export async function oneByOne<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  for (const item of items) {
    signal.throwIfAborted();
    try {
      await work(item);
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
}

/** Like {@link allSettled}, at most `limit` at once. */
export async function someAtOnce<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const errors: unknown[] = [];
  await mapConcurrent(limit, items, (item) =>
    work(item).catch((error: unknown) => errors.push(error)),
  );
  throwAll(errors);
}

function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors);
}
