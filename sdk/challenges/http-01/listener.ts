/** http-01 answered on this machine. */
import type { Solver } from "../solver";
import { solverOnPort } from "./on-port";

export interface ListenerOptions {
  /** Default 80, the only port that public CAs ask. */
  readonly port?: number;
  /** Default: all addresses, IPv6 and IPv4. */
  readonly address?: string;
}

/**
 * Listens on this machine while names are being proven. All certificates that use one address and port share one
 * listener; the last one closes it.
 */
export function listener(options: ListenerOptions = {}): Solver {
  const { port = 80, address } = options;
  return solverOnPort({ target: "local", port, address }, "a listener on");
}
