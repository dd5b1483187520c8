/** tls-alpn-01 answered by this process, on this machine's port or through SSH on a host's. */
import { createSecureContext, type SecureContext } from "node:tls";

import { type Connection, describeTarget } from "../../hosts";
import { delay } from "../../util/abort";
import { messageOf } from "../../util/errors";
import { enumerate } from "../../util/text";
import { createTlsAlpnCertificate } from "../../x509/tls-alpn";
import { describePort, type ListenAddress, SharedListeners } from "../shared-listener";
import { ChallengeError, type Proof, type Solver, type SolverContext } from "../solver";
import { type ChallengeCertificates, createResponder } from "./responder";
import { serverNameOf } from "./server-name";

export interface ListenerOptions {
  /** Default 443, the only port that public CAs ask. */
  readonly port?: number;
  /** Default: all addresses, IPv6 and IPv4. */
  readonly address?: string;
}

export interface TunnelOptions {
  readonly connection: Connection;
  /** On the host. Default 443, the only port that public CAs ask. */
  readonly port?: number;
  /** What the host binds. Default: all its addresses. */
  readonly address?: string;
}

/**
 * Listens on this machine while names are being proven. All certificates that use one address and port share one listener; the
 * last one closes it.
 */
export function listener(options: ListenerOptions = {}): Solver {
  const { port = 443, address } = options;
  return solverAt({ target: "local", port, address }, "a listener on");
}

/**
 * Listens on the host by a reverse tunnel while names are being proven. All certificates that use one port of one host share it;
 * the last one closes it. The host's sshd needs `AllowTcpForwarding yes` (or `remote`) and `GatewayPorts
 * clientspecified` (or `yes`), and port 443 needs a login as root.
 */
export function tunnel(options: TunnelOptions): Solver {
  const { connection: target, port = 443, address } = options;
  return solverAt({ target, port, address }, "a tunnel from");
}

const ports = new SharedListeners<ChallengeCertificates>(createResponder);
/** The CA asks by name alone: of two proofs for one name the second waits for the first. */
const RETRY_AFTER_MS = 100;

function solverAt(at: ListenAddress, means: string): Solver {
  const where = `${means} port ${describePort(at)} of ${describeTarget(at.target)}`;
  return {
    challengeType: "tls-alpn-01",
    label: `tls-alpn-01 by ${where}`,
    present: async (proofs, context) => {
      const answers = await Promise.all(proofs.map(answerTo));
      context.progress(`opens ${where}`);
      const listening = await ports.join(at, context).catch((error: unknown) => {
        context.signal.throwIfAborted();
        throw failed(proofs, error);
      });
      try {
        await take(listening.answers, answers, context);
      } catch (error) {
        await listening.leave();
        throw error;
      }
      let over = false;
      return {
        broken: listening.broken,
        cleanUp: async () => {
          if (over) return;
          over = true;
          for (const [serverName] of answers) listening.answers.delete(serverName);
          await listening.leave();
        },
      };
    },
  };
}

async function answerTo(proof: Proof): Promise<readonly [string, SecureContext]> {
  const { identifier, keyAuthorization } = proof;
  const { certificatePem, privateKeyPem } = await createTlsAlpnCertificate(
    identifier,
    keyAuthorization,
  );
  const secureContext = createSecureContext({
    cert: certificatePem,
    key: privateKeyPem,
    // RFC 8737 §4.
    minVersion: "TLSv1.2",
  });
  return [serverNameOf(identifier), secureContext];
}

/** Takes all names at once or none, so that two certificates with the same names do not wait for each other. */
async function take(
  certificates: ChallengeCertificates,
  answers: readonly (readonly [string, SecureContext])[],
  { signal, progress }: SolverContext,
): Promise<void> {
  for (let told = false; ;) {
    signal.throwIfAborted();
    const taken = answers.find(([serverName]) => certificates.has(serverName));
    if (taken === undefined) break;
    if (!told) progress(`waits for the other proof of ${taken[0]} to finish`);
    told = true;
    await delay(RETRY_AFTER_MS, signal);
  }
  for (const [serverName, secureContext] of answers) certificates.set(serverName, secureContext);
}

function failed(proofs: readonly Proof[], error: unknown): ChallengeError {
  const names = enumerate(proofs.map(({ identifier }) => identifier.value));
  const inUse = (error as { code?: unknown }).code === "port-in-use";
  const remedy = inUse
    ? "; if that is a web server, prove the names by http-01 or dns-01 instead"
    : "";
  return new ChallengeError(`tls-alpn-01 for ${names}: ${messageOf(error)}${remedy}`, {
    cause: error,
  });
}
