/** What this machine's hosts file says, which a CA does not read. @see hosts(5) */
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";

import { normalizeHost } from "../../util/host-name";

const HOSTS_FILE =
  process.platform === "win32"
    ? join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", "drivers", "etc", "hosts")
    : "/etc/hosts";

/** The addresses of `host` in the file, in its order. */
export async function hostsFileAddresses(host: string, file = HOSTS_FILE): Promise<string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return addressesIn(text, host);
}

export function addressesIn(text: string, host: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [address = "", ...names] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    const named = names.some((name) => normalizeHost(name) === normalizeHost(host));
    return named && isIP(address) !== 0 ? [address] : [];
  });
}
