/**
 * Words on a resource's row while it is being worked on.
 *
 * The engine's address is the last argument of the dynamic-provider process; without it (tests, other callers)
 * progress is silent, and warnings go to standard error.
 */
import { createRequire } from "node:module";

import { singleLine } from "../../util/text";

export interface Reporter {
  /** What is being done now: the row's info column, gone when the row is done. At most twice a second. */
  readonly progress: (message: string) => void;
  /** Why something will be done; stays with the resource. */
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

const MINIMUM_GAP_MS = 500;

export function reporterFor(urn: unknown): Reporter {
  const address = process.argv.at(-1);
  if (typeof urn !== "string" || address === undefined || !/^[\w.[\]:-]+:\d+$/.test(address)) {
    return { progress: () => undefined, info: () => undefined, warn: toStandardError };
  }
  let lastAt = 0;
  return {
    progress: (message) => {
      const now = Date.now();
      if (now - lastAt < MINIMUM_GAP_MS) return;
      lastAt = now;
      log(address, urn, Severity.info, message, true);
    },
    info: (message) => {
      log(address, urn, Severity.info, message, false);
    },
    warn: (message) => {
      log(address, urn, Severity.warning, message, false);
    },
  };
}

function toStandardError(message: string): void {
  process.stderr.write(`warning: ${singleLine(message)}\n`);
}

const Severity = { info: 1, warning: 2 } as const;

/** What we use of Pulumi's generated code, which has no types of its own. */
interface LogMessage {
  setSeverity(severity: number): void;
  setMessage(message: string): void;
  setUrn(urn: string): void;
  setEphemeral(ephemeral: boolean): void;
}

interface EngineClient {
  log(request: LogMessage, callback: () => void): void;
}

interface EngineModule {
  EngineClient: new (address: string, credentials: unknown) => EngineClient;
}

interface Grpc {
  credentials: { createInsecure(): unknown };
}

interface Engine {
  client: EngineClient;
  LogRequest: new () => LogMessage;
}

let engine: { address: string; loaded: Promise<Engine> } | undefined;

/* One client per process: the process serves one deployment, and its engine does not move. */
function engineAt(address: string): Promise<Engine> {
  if (engine?.address !== address) engine = { address, loaded: loadEngine(address) };
  return engine.loaded;
}

/* By Pulumi's own `require`: under pnpm its copy of gRPC cannot be had from here by name. */
function loadEngine(address: string): Promise<Engine> {
  return new Promise((resolve) => {
    const pulumi = createRequire(require.resolve("@pulumi/pulumi"));
    const { EngineClient } = pulumi("./proto/engine_grpc_pb") as EngineModule;
    const { LogRequest } = pulumi("./proto/engine_pb") as Pick<Engine, "LogRequest">;
    const { credentials } = pulumi("@grpc/grpc-js") as Grpc;
    resolve({ client: new EngineClient(address, credentials.createInsecure()), LogRequest });
  });
}

function log(
  address: string,
  urn: string,
  severity: number,
  message: string,
  ephemeral: boolean,
): void {
  void engineAt(address)
    .then(({ client, LogRequest }) => {
      const request = new LogRequest();
      request.setSeverity(severity);
      request.setMessage(singleLine(message, 2000));
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      client.log(request, () => undefined);
    })
    // Words are a courtesy: an engine that does not take them must not fail an issuance.
    .catch(() => undefined);
}
