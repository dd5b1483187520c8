/** Whether the programs that tests of DNS need are here. Test support of this folder. */
import { existsSync } from "node:fs";

/** Why these tests cannot run here, if they cannot. */
export function missingDnsTools(): string | undefined {
  const programs = ["/usr/sbin/named", "/usr/bin/dig", "/usr/bin/nsupdate"];
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length === 0) return undefined;
  return `${missing.join(", ")} missing: \`apt-get install bind9 bind9-dnsutils\``;
}
