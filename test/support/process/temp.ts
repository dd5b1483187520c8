/** Temporary folders that go away by themselves. */
import { mkdtempSync, rmSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const existing = new Set<string>();

// The last resort: a test that fails between making a folder and its clean-up.
process.on("exit", () => {
  for (const path of existing) rmSync(path, { recursive: true, force: true });
});

export interface TemporaryDirectory {
  readonly path: string;
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A new empty folder, readable by its owner alone, under the system's temporary folder. */
export async function temporaryDirectory(prefix = "acme-"): Promise<TemporaryDirectory> {
  // Resolved, because programs print and compare the real path.
  const path = await realpath(mkdtempSync(join(tmpdir(), prefix)));
  existing.add(path);
  const remove = (): Promise<void> => {
    // Synchronous: a process that is just ending in this folder may still write; `rmSync` retries in place.
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    existing.delete(path);
    return Promise.resolve();
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}
