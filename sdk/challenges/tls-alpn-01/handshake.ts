/** A TLS handshake for tls-alpn-01 as a CA makes it. */
import { connect, type ConnectionOptions } from "node:tls";

import { withDeadline } from "../../util/abort";
import { messageOf, TimeoutError } from "../../util/errors";
import { hostAndPort, isLoopback } from "../../util/host-name";
import { tlsAlpnFault } from "../../x509/tls-alpn";
import { type Address, lookUp } from "../http-01/name-lookup";
import type { Proof } from "../solver";
import { ACME_TLS_1, serverNameOf } from "./server-name";

/** The CA could not validate either (`evident`), or only we could not. */
export class HandshakeFailure extends Error {
  override readonly name = "HandshakeFailure";
  readonly evident: boolean;

  constructor(message: string, evident: boolean, options?: ErrorOptions) {
    super(message, options);
    this.evident = evident;
  }
}

export interface HandshakeOptions {
  readonly port: number;
  readonly resolvers: readonly string[];
  readonly signal: AbortSignal;
}

const HANDSHAKE_MS = 10_000;

/**
 * Shakes hands, and judges the certificate that comes.
 *
 * @returns what a CA may see otherwise
 * @throws {@link HandshakeFailure}
 */
export async function handshake(
  proof: Proof,
  options: HandshakeOptions,
): Promise<{ readonly remarks: readonly string[] }> {
  const host = proof.identifier.value;
  const failures: HandshakeFailure[] = [];
  for (const address of await addressesOf(host, options.resolvers)) {
    const place = hostAndPort(address.address, options.port);
    try {
      judge(proof, place, await ask(proof, address, options));
      // No IPv6 from here is everyday; a port that refuses over IPv6 is what the CA meets first.
      const remarks = failures
        .filter(({ cause }) => !isNoRoute(cause))
        .map(({ message }) => `${message} (a CA tries it first)`);
      return { remarks };
    } catch (error) {
      options.signal.throwIfAborted();
      const failure = error instanceof HandshakeFailure ? error : failureAt(place, address, error);
      // Only where there is no connection does a CA go on to the next address.
      if (failure.evident && !isRefused(failure.cause)) throw failure;
      failures.push(failure);
    }
  }
  throw new HandshakeFailure(
    failures.map(({ message }) => message).join("; "),
    failures.every(({ evident }) => evident),
  );
}

/** One of each family, IPv6 first, as a CA tries them. */
async function addressesOf(
  host: string,
  resolvers: readonly string[],
): Promise<readonly Address[]> {
  const found = await lookUp(host, resolvers);
  if (found.kind === "found") {
    return ([6, 4] as const).flatMap(
      (family) => found.addresses.find((address) => address.family === family) ?? [],
    );
  }
  throw new HandshakeFailure(
    found.kind === "absent"
      ? `${found.reason}: create the A or AAAA record of ${host} first`
      : `${host}: ${found.reason}`,
    found.kind === "absent",
  );
}

interface Answer {
  readonly protocol: string | false | null;
  readonly certificate: Uint8Array | undefined;
}

function ask(proof: Proof, address: Address, options: HandshakeOptions): Promise<Answer> {
  return withDeadline("the handshake", HANDSHAKE_MS, options.signal, (signal) => {
    const where: ConnectionOptions = {
      host: address.address,
      port: options.port,
      servername: serverNameOf(proof.identifier),
      ALPNProtocols: [ACME_TLS_1],
      minVersion: "TLSv1.2",
      // It signs itself: what it says is compared instead.
      rejectUnauthorized: false,
    };
    return new Promise<Answer>((resolve, reject) => {
      const socket = connect(where, () => {
        const certificate = socket.getPeerX509Certificate()?.raw;
        resolve({ protocol: socket.alpnProtocol, certificate });
        socket.end();
      });
      socket.on("error", reject);
      signal.addEventListener("abort", () => socket.destroy(), { once: true });
      socket.once("close", () => {
        reject((signal.reason as Error | undefined) ?? new Error("the connection was closed"));
      });
      // Whoever does not say goodbye is left.
      socket.setTimeout(HANDSHAKE_MS, () => socket.destroy());
    });
  });
}

function judge(proof: Proof, place: string, { protocol, certificate }: Answer): void {
  const advice = "check where the name points, and which program has the port";
  if (protocol !== ACME_TLS_1) {
    const message = `${place} speaks TLS, but not ${ACME_TLS_1}: ${advice}`;
    throw new HandshakeFailure(message, true);
  }
  const fault =
    certificate === undefined
      ? "no certificate"
      : tlsAlpnFault(certificate, proof.identifier, proof.keyAuthorization);
  if (fault !== undefined) {
    throw new HandshakeFailure(`${place} shows ${fault}: ${advice}`, true);
  }
}

function failureAt(place: string, { address }: Address, error: unknown): HandshakeFailure {
  const { code = "" } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  if (/^(ERR_SSL_|EPROTO)/.test(code)) {
    const message = `the TLS server at ${place} refuses ${ACME_TLS_1} for this name: check where the name points, and which program has the port`;
    return new HandshakeFailure(message, true, options);
  }
  const why =
    error instanceof TimeoutError
      ? `no answer within ${String(HANDSHAKE_MS / 1000)} s`
      : code === "ECONNREFUSED"
        ? "connection refused"
        : messageOf(error);
  // Who resolves a name to a loopback address is on this machine, the CA included: it sees what we see.
  return new HandshakeFailure(`${place}: ${why}`, isRefused(error) && isLoopback(address), options);
}

function isRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED";
}

function isNoRoute(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code ?? "");
}
