/** Drives a resource's handler as the engine does, without the engine. */
import { vi } from "vitest";

import { nextKey } from "../../../sdk/provider/account/next-key";
import type { AccountPrivateState } from "../../../sdk/provider/account/state";
import type { KeyType } from "../../../sdk/x509/key-types";
import { guard, type Handler, type Properties } from "../../../sdk/provider/engine/handler";

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** One resource from its first `up` to its end. */
export interface ResourceRun {
  /** `check`, then `create`, or `diff` and `update` where it says so. Rejects with the failure's message. */
  up(args: Properties): Promise<"created" | "updated" | "unchanged" | "to be replaced">;
  refresh(): Promise<void>;
  destroy(): Promise<void>;
  /** Outputs in the state; tests may put an older one back, as a kill before saving does. */
  state: Properties;
  /** What was said with a warning since the last look. */
  warnings(): string[];
}

interface PartialFailure {
  readonly id: string;
  readonly properties: Properties;
}

export function resourceRun(handler: Handler): ResourceRun {
  const guarded = guard(handler);
  const warnings: string[] = [];
  let id: string | undefined;
  let failed = false;

  const keeping = async (work: () => Promise<Properties>): Promise<void> => {
    try {
      run.state = inClear(await heard(work, warnings)) as Properties;
      failed = false;
    } catch (error) {
      const partial = error as Partial<PartialFailure>;
      if (partial.properties !== undefined) {
        ({ id } = partial);
        run.state = inClear(partial.properties) as Properties;
        // The engine calls update next time, whatever diff says.
        failed = true;
      }
      throw error;
    }
  };

  const run: ResourceRun = {
    state: {},
    async up(args) {
      const { inputs, failures } = await guarded.check({}, args);
      if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
      const news = inClear(inputs) as Properties;
      if (id === undefined) {
        await keeping(async () => {
          const created = await guarded.create(news);
          id = created.id;
          return created.outs;
        });
        return "created";
      }
      const known = id;
      const { changes, replaces = [] } = await guarded.diff(known, run.state, news);
      if (replaces.length > 0) return "to be replaced";
      if (!changes && !failed) return "unchanged";
      await keeping(async () => (await guarded.update(known, run.state, news)).outs);
      return "updated";
    },
    async refresh() {
      await keeping(async () => (await guarded.read(id ?? "", run.state)).props ?? {});
    },
    async destroy() {
      await heard(() => guarded.delete(id ?? "", run.state), warnings);
    },
    warnings: () => warnings.splice(0),
  };
  return run;
}

/** The key that an account gets next, by what lies in its state. */
export function nextKeyOf(
  { state }: Pick<ResourceRun, "state">,
  keyType: KeyType = "P256",
): Promise<string> {
  return nextKey(state["__state"] as AccountPrivateState, keyType);
}

/** Without an engine, warnings go to standard error. */
async function heard<T>(work: () => Promise<T>, warnings: string[]): Promise<T> {
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    warnings.push(String(text).trim());
    return true;
  });
  try {
    return await work();
  } finally {
    spy.mockRestore();
  }
}

/** The engine hands secrets over in clear. */
function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value) return inClear((value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inClear(item)]));
}
