/** SSH by ssh2: connecting, logging in. */
import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";

import { type AnyAuthMethod, Client, type ConnectConfig } from "ssh2";

import { messageOf } from "../../util/errors";
import { dial, type DialOptions } from "../dial";
import { type Connection, HostError } from "../host";
import { type HostKeyCheck, hostKeyCheck } from "./host-key-check";
import type { Session } from "../session";
import { Authentication, type AuthMethod, keyboardInteractive } from "./auth";
import { loginKey, parsedKey } from "./key";
import { handshakeError, otherProtocol, socketError } from "./errors";
import { SshSession } from "./session";
import { DEFAULT_PORT, DEFAULT_USER, describeTarget } from "../target";

const KEEPALIVE_MS = 10_000;
const KEEPALIVES_UNANSWERED = 3;
/** Of what a server says before its first line. */
const MAX_BEFORE = 1024;

/** Opens a session; `through` is the one to the jump host. Tries again while the host may still be starting. */
export async function openSsh(
  connection: Connection,
  through: Session | undefined,
  options: DialOptions,
): Promise<Session> {
  const label = describeTarget(connection);
  const methods = authMethods(connection, label);
  return dial(
    label,
    connection,
    async (signal) => {
      const { host, port = DEFAULT_PORT } = connection;
      const socket = await (through === undefined
        ? openSocket(label, host, port, signal)
        : through.connect(host, port, signal));
      const client = await shakeHands(connection, label, socket, methods, signal);
      return new SshSession(label, client, socket);
    },
    options,
  );
}

/** The ways in, most specific first. What cannot be read is an error now rather than a way less. */
function authMethods(connection: Connection, label: string): AuthMethod[] {
  const { user: username = DEFAULT_USER, password } = connection;
  // As OpenSSH does: some hosts know by the network who comes, such as Tailscale's.
  const methods: AuthMethod[] = [{ type: "none", username }];
  const key = loginKey(connection, label);
  if (key !== undefined) {
    methods.push({ type: "publickey", username, key: parsedKey(key, label) });
  }
  const { agentSocketPath: agent } = connection;
  if (agent !== undefined) methods.push({ type: "agent", username, agent });
  if (password !== undefined) {
    methods.push({ type: "password", username, password }, keyboardInteractive(username, password));
  }
  return methods;
}

function openSocket(
  label: string,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true });
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error) => {
      signal.removeEventListener("abort", abort);
      reject(socketError(label, error));
    });
  });
}

/** Key exchange, host key, authentication. Resolves with a client that is ready, or closes the socket. */
function shakeHands(
  connection: Connection,
  label: string,
  socket: Duplex,
  methods: readonly AuthMethod[],
  signal: AbortSignal,
): Promise<Client> {
  const client = new Client();
  const authentication = new Authentication(methods);
  const hostKey = hostKeyCheck(connection);
  let before = "";
  const handshakeFailed = (error: Error): HostError =>
    handshakeError(label, connection, error, authentication, hostKey.refusal(), before);
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      fail(signal.reason as Error);
    };
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      // Whatever else this client has to say is about an attempt that is over.
      client.removeAllListeners().on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    signal.addEventListener("abort", abort, { once: true });
    client
      .on("ready", () => {
        signal.removeEventListener("abort", abort);
        client.removeAllListeners();
        resolve(client);
      })
      .on("error", (error: Error & { level?: string }) => {
        // An agent that does not answer is one way less, not the end.
        if (error.level === "agent") authentication.remark(`the agent: ${messageOf(error)}`);
        else fail(handshakeFailed(error));
      })
      .on("close", () => {
        fail(handshakeFailed(new Error("the host closed the connection")));
      })
      .on("change password", () => {
        const detail = "the password has expired: log in by hand and change it";
        fail(new HostError("authentication", { host: label, step: "connect", detail }));
      });
    client.connect(configOf(connection, socket, authentication, hostKey));
    // ssh2 waits for more when it hears another protocol. It has paused the socket until it listens itself.
    const listen = (chunk: Buffer): void => {
      before += chunk.toString("latin1");
      const own = /^SSH-/m.exec(before);
      before = before.slice(0, own?.index ?? MAX_BEFORE);
      const other = otherProtocol(label, before);
      if (other !== undefined) fail(other);
      else if (own !== null) socket.off("data", listen);
    };
    socket.on("data", listen);
  });
}

function configOf(
  connection: Connection,
  socket: Duplex,
  authentication: Authentication,
  hostKey: HostKeyCheck,
): ConnectConfig {
  return {
    sock: socket,
    username: connection.user ?? DEFAULT_USER,
    // Time is kept by the dialler.
    readyTimeout: 0,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVES_UNANSWERED,
    algorithms: { serverHostKey: hostKey.algorithms },
    hostVerifier: hostKey.verify,
    authHandler: (allowed, partial, next) => {
      // The types know neither that `false` ends it, nor that nothing is known before the first try.
      next(authentication.next(allowed, partial) as AnyAuthMethod);
    },
  };
}
