/** Who is asked, and that he does not answer. */
import { isIP } from "node:net";

import { hostAndPort } from "../util/host-name";

/** A name server: an IP address and a port. */
export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

/** A resolver that is asked over HTTPS. @see RFC 8484 */
export interface HttpsResolver {
  readonly url: string;
}

export type Server = ServerAddress | HttpsResolver;

/** `"192.0.2.1"`, `"192.0.2.1:53"`, `"[2001:db8::1]:53"`; `undefined` for anything else. */
export function parseServerAddress(text: string): ServerAddress | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3] ?? 53);
  return isIP(address) === 0 || port < 1 || port > 65_535 ? undefined : { address, port };
}

/** The server did not answer, and why. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  /**
   * @param problem - goes on after the server's name: "does not answer …"
   * @param unreachable - from here: no route, or no address of that family on this machine
   */
  constructor(
    server: Server,
    readonly problem: string,
    readonly unreachable = false,
  ) {
    super(`${nameOf(server)} ${problem}`);
  }
}

/** The server did answer, and the answer is of no use. */
export class UnusableReply extends NoAnswer {}

/** The URL; or the address, with the port where it is not 53. */
export function nameOf(server: Server): string {
  if ("url" in server) return server.url;
  const { address, port } = server;
  return port === 53 ? address : hostAndPort(address, port);
}
