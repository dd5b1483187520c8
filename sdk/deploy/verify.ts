/** Which certificate is served: a TLS handshake, from here or through the host's connection. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";

import type { Host } from "../hosts";
import { delay, withDeadline } from "../util/abort";
import { messageOf, TimeoutError } from "../util/errors";
import { hostAndPort } from "../util/host-name";
import { sha256Of } from "../util/sha256";
import { type Connector, openPort, type Place } from "./reach";
import { type StartTls, startTls } from "./starttls";

export interface Endpoint extends Place {
  /** For SNI, and to tell whether a served certificate is for the same name. An address is not sent. */
  readonly serverName: string;
  readonly startTls?: StartTls;
  /** `rsa`, `ec`, `ed25519` …: a server may hold certificates of several kinds. */
  readonly keyType?: string;
}

const HANDSHAKE_MS = 5000;
const POLL_MS = 100;
const POLL_MAX_MS = 1000;

/** The certificate that is served at `endpoint` now. @throws Error telling why there is none. */
export function servedCertificate(
  host: Connector,
  endpoint: Endpoint,
  signal?: AbortSignal,
): Promise<X509Certificate> {
  const what = `a TLS handshake with ${hostAndPort(endpoint.address, endpoint.port)}`;
  return withDeadline(what, HANDSHAKE_MS, signal, async (limit) => {
    try {
      return await handshake(await openPort(host, endpoint, limit), endpoint, true, limit);
    } catch (error) {
      // A server without a certificate of this kind ends the handshake with an alert; another kind tells more.
      if (!isAlert(error)) throw error;
      return handshake(await openPort(host, endpoint, limit), endpoint, false, limit);
    }
  });
}

/**
 * Waits until the certificate with `fingerprint` is served. A reload answers before new workers do.
 *
 * @throws {@link TimeoutError} with what is served instead.
 */
export async function untilServed(
  host: Host,
  endpoint: Endpoint,
  fingerprint: string,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<void> {
  const end = Date.now() + options.timeoutMs;
  for (let pause = POLL_MS; ; pause = Math.min(pause * 1.5, POLL_MAX_MS)) {
    const seen = await look(host, endpoint, options.signal);
    if (seen.fingerprint === fingerprint) return;
    if (Date.now() + pause > end) {
      const where = hostAndPort(endpoint.address, endpoint.port);
      const asked = isIP(endpoint.serverName) === 0 ? ` for ${endpoint.serverName}` : "";
      const instead =
        seen.fingerprint === undefined
          ? `no certificate (${seen.problem})`
          : `another certificate (SHA-256 ${seen.fingerprint.slice(0, 16)}…)`;
      throw new TimeoutError(
        `after ${String(options.timeoutMs / 1000)} s ${where} serves ${instead}${asked}, not the one that was deployed`,
      );
    }
    await delay(pause, options.signal);
  }
}

export type Seen =
  | { readonly fingerprint: string; readonly certificate: X509Certificate }
  | { readonly fingerprint: undefined; readonly problem: string };

/** {@link servedCertificate}, where none is an answer, too. */
export async function look(
  host: Connector,
  endpoint: Endpoint,
  signal?: AbortSignal,
): Promise<Seen> {
  try {
    const certificate = await servedCertificate(host, endpoint, signal);
    return { certificate, fingerprint: fingerprintOf(certificate) };
  } catch (error) {
    signal?.throwIfAborted();
    return { fingerprint: undefined, problem: messageOf(error) };
  }
}

/** Lower-case hexadecimal of the SHA-256 of the DER. */
export function fingerprintOf(certificate: X509Certificate): string {
  return sha256Of(certificate.raw);
}

/** Whether `certificate` is for `name`, a DNS name or an address. */
export function isFor(certificate: X509Certificate, name: string): boolean {
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return found !== undefined;
}

async function handshake(
  stream: Duplex,
  endpoint: Endpoint,
  oneKindOnly: boolean,
  signal: AbortSignal,
): Promise<X509Certificate> {
  const abort = (): void => {
    stream.destroy();
  };
  signal.addEventListener("abort", abort, { once: true });
  // Whatever else happens to the connection shows in the handshake; unheard, it would end the process.
  stream.on("error", () => undefined);
  try {
    if (endpoint.startTls !== undefined)
      await startTls(endpoint.startTls, stream, endpoint.serverName);
    return await peerCertificate(stream, endpoint, oneKindOnly);
  } finally {
    signal.removeEventListener("abort", abort);
    stream.destroy();
  }
}

function peerCertificate(
  stream: Duplex,
  endpoint: Endpoint,
  oneKindOnly: boolean,
): Promise<X509Certificate> {
  const sigalgs = oneKindOnly ? SIGNATURES[endpoint.keyType ?? ""] : undefined;
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: stream,
      // Which certificate it is, is the question; whom this machine trusts is not.
      rejectUnauthorized: false,
      ...(isIP(endpoint.serverName) === 0 && { servername: endpoint.serverName }),
      ...(sigalgs !== undefined && { sigalgs }),
    });
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error("the server showed no certificate"));
      else resolve(certificate);
    });
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error("the server closed the connection in the handshake"));
    });
  });
}

/** The signatures that a key of this kind makes: the server then chooses the certificate of that kind. */
const SIGNATURES: Readonly<Record<string, string>> = {
  rsa: "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512",
  ec: "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512",
  ed25519: "ed25519",
};

function isAlert(error: unknown): boolean {
  return error instanceof Error && /alert/i.test(error.message);
}
