/** A TLS handshake for tls-alpn-01 as a CA makes it. @see RFC 8737 §3 */
import { connect, type ConnectionOptions } from "node:tls";

import { withDeadline } from "../../util/abort";
import { hostAndPort } from "../../util/host-name";
import { tlsAlpnFault } from "../../x509/tls-alpn";
import type { Address } from "../preflight/addresses";
import { PROBE_MS, probeAddresses, ProbeFailure, type ProbeOptions } from "../preflight/probe";
import type { Proof } from "../solver";
import { ACME_TLS_1, serverNameOf } from "./server-name";

export interface HandshakeOptions extends ProbeOptions {
  readonly port: number;
}

interface Answer {
  readonly protocol: string | false | null;
  readonly certificate: Uint8Array | undefined;
}

const ADVICE = "check where the name points, and which program has the port";

/**
 * Shakes hands, and checks the certificate that comes.
 *
 * @returns remarks on what a CA may see otherwise
 * @throws {@link ProbeFailure}
 */
export async function handshake(
  proof: Proof,
  options: HandshakeOptions,
): Promise<readonly string[]> {
  const describe = ({ address }: Address): string => hostAndPort(address, options.port);
  const { remarks } = await probeAddresses(proof.identifier.value, options, {
    describe,
    ask: async (address) => {
      const place = describe(address);
      const answer = await ask(proof, address, options).catch((error: unknown) => {
        throw refusal(place, error) ?? error;
      });
      const problem = problemWith(proof, answer);
      if (problem !== undefined) throw new ProbeFailure(`${place} ${problem}: ${ADVICE}`, true);
    },
  });
  return remarks;
}

function ask(proof: Proof, address: Address, options: HandshakeOptions): Promise<Answer> {
  return withDeadline("the handshake", PROBE_MS, options.signal, (signal) => {
    const where: ConnectionOptions = {
      host: address.address,
      port: options.port,
      servername: serverNameOf(proof.identifier),
      ALPNProtocols: [ACME_TLS_1],
      minVersion: "TLSv1.2",
      // The certificate is signed by itself: what it says is compared instead.
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
      // Do not wait for a peer that never closes its side.
      socket.setTimeout(PROBE_MS, () => socket.destroy());
    });
  });
}

function problemWith(proof: Proof, { protocol, certificate }: Answer): string | undefined {
  if (protocol !== ACME_TLS_1) return `speaks TLS, but not ${ACME_TLS_1}`;
  const fault =
    certificate === undefined
      ? "no certificate"
      : tlsAlpnFault(certificate, proof.identifier, proof.keyAuthorization);
  return fault === undefined ? undefined : `shows ${fault}`;
}

/** A TLS server that ends the handshake will do so with the CA, too; `undefined` for other errors. */
function refusal(place: string, error: unknown): ProbeFailure | undefined {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (!/^(ERR_SSL_|EPROTO)/.test(code)) return undefined;
  const message = `the TLS server at ${place} refuses ${ACME_TLS_1} for this name: ${ADVICE}`;
  return new ProbeFailure(message, true, { cause: error });
}
