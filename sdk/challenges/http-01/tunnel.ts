/** http-01 through SSH: the host's port, answered by this process. For hosts where nothing listens yet. */
import type { Connection } from "../../hosts";
import type { Solver } from "../solver";
import { solverOnPort } from "./on-port";

export interface TunnelOptions {
  readonly connection: Connection;
  /** On the host. Default 80, the only port that public CAs ask. */
  readonly port?: number;
  /** What the host binds. Default: all its addresses. */
  readonly address?: string;
}

/**
 * Listens on the host by a reverse tunnel while names are being proven. All certificates that use one port of one host
 * share it; the last one closes it. The host's sshd needs `AllowTcpForwarding yes` (or `remote`) and `GatewayPorts
 * clientspecified` (or `yes`), and port 80 needs a login as root.
 */
export function tunnel(options: TunnelOptions): Solver {
  const { connection: target, port = 80, address } = options;
  return solverOnPort({ target, port, address }, "a tunnel from");
}
