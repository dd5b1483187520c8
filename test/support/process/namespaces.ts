/** Scripts in namespaces of their own, of which nothing is left when their first process ends: neither processes nor mounts. */
import { execFileSync } from "node:child_process";

export interface Namespaced {
  readonly command: string;
  readonly args: readonly string[];
}

/** @param more - options of unshare(1) for other namespaces than those of processes and mounts */
export function inNamespaces(script: string, more: readonly string[] = []): Namespaced {
  const own = ["--pid", "--mount", "--mount-proc", "--fork", "--kill-child", ...more];
  return { command: "unshare", args: [...own, "sh", "-c", script] };
}

/** Whether the script succeeds: a container often may not make namespaces. */
export function succeeds({ command, args }: Namespaced): boolean {
  try {
    execFileSync(command, args, { stdio: "pipe", timeout: 30_000, killSignal: "SIGKILL" });
    return true;
  } catch {
    return false;
  }
}
