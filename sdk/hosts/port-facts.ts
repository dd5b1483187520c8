/** What a host tells about one of its ports, and what that means for a reverse tunnel. Pure. */

/** What is known of a port on the host, and of who logs in there. */
export interface PortFacts {
  readonly uid: number;
  /** Below this port only root binds. */
  readonly unprivilegedFrom: number;
  /** Local addresses of the sockets that listen on the port, in hexadecimal as Linux writes them; `undefined`: cannot tell. */
  readonly listening: readonly string[] | undefined;
}

/** A command that prints what {@link readPortFacts} reads. /proc knows on every Linux; `ss` need not be installed. */
export function portFactsCommand(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  // Local address, remote address with port 0, state 0A: LISTEN (proc(5), /proc/net/tcp).
  const row = `: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A `;
  return [
    "id -u || exit 1",
    "cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024",
    "if [ -r /proc/net/tcp ]; then echo linux; else echo other; fi",
    `grep -hE '${row}' /proc/net/tcp /proc/net/tcp6 2>/dev/null || :`,
  ].join("\n");
}

/** `undefined` for anything else than the command's output, as where a login runs nothing but its own program. */
export function readPortFacts(output: string): PortFacts | undefined {
  const [uid = "", from = "", system = "", ...rows] = output.trimEnd().split("\n");
  if (!/^\d+$/.test(uid) || !/^\d+$/.test(from)) return undefined;
  const listening = rows.flatMap((row) => /: ([0-9A-F]+):[0-9A-F]{4} /.exec(row)?.[1] ?? []);
  return {
    uid: Number(uid),
    unprivilegedFrom: Number(from),
    listening: system === "linux" ? listening : undefined,
  };
}

/** Why the host did not forward the port, as far as can be told: SSH itself has no words for it. */
export function refusalOf(
  port: number,
  user: string,
  facts: PortFacts | undefined,
): { readonly code: "port-in-use" | "permission"; readonly detail: string } {
  if ((facts?.listening?.length ?? 0) > 0) {
    return { code: "port-in-use", detail: "another program on the host has the port" };
  }
  if (facts !== undefined && facts.uid !== 0 && port < facts.unprivilegedFrom) {
    const detail = `${user} may not bind ports below ${String(facts.unprivilegedFrom)} there: log in as root, or set net.ipv4.ip_unprivileged_port_start=${String(port)} by sysctl on the host`;
    return { code: "permission", detail };
  }
  const forbidden = `its sshd_config needs AllowTcpForwarding yes (or remote), and a PermitListen, if there is one, for port ${String(port)}`;
  const detail =
    facts?.listening === undefined
      ? `the host refused it: another program may have the port, ${user} may not be allowed to bind it, or sshd forbids it (${forbidden})`
      : `the host forbids it: ${forbidden}`;
  return { code: "permission", detail };
}

/** Whether everything that listens on the port does so on the loopback interface alone. */
export function isLoopbackOnly({ listening }: PortFacts): boolean {
  return listening !== undefined && listening.length > 0 && listening.every(isLoopback);
}

/** As Linux writes addresses: 32-bit words in the machine's byte order, little-endian where SSH hosts are. */
function isLoopback(hex: string): boolean {
  return /^[0-9A-F]{6}7F$/.test(hex) || hex === "00000000000000000000000001000000";
}
