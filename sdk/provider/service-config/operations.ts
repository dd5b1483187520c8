/** What is done with the configuration of a service: write, refresh, remove. Loads everything heavy. */
import { randomUUID } from "node:crypto";

import { mustRunOf } from "../../deploy";
import { commandsOf, wordsOf } from "../../deploy/services/together";
import { fullMode } from "../../deploy/files";
import { sha256Of } from "../../util/sha256";
import type { ConfigFileDecision } from "../config-file/decide";
import { refreshConfigFile } from "../config-file/refresh";
import { removeConfigFile } from "../config-file/remove";
import type { ConfigFile } from "../config-file/state";
import { failedCreation } from "../config-file/uncertain";
import { type Prepared, writeConfigFile } from "../config-file/write";
import type { Context } from "../engine/resource";
import { storedArguments } from "../engine/rules";
import { endpointsOf, expectationsOf, insist, reportOf } from "./answer";
import { RULES, type ServiceConfigArguments } from "./arguments";
import { type ServiceConfigState, WORDS } from "./state";

export async function create(
  args: ServiceConfigArguments,
  context: Context,
): Promise<ServiceConfigState> {
  const ownerId = randomUUID();
  try {
    return await write(args, { ownerId, force: false, newHost: true }, context);
  } catch (error) {
    throw failedCreation(error, {
      __arguments: kept(args),
      __state: { ownerId },
      path: args.path,
    });
  }
}

export async function update(
  state: ServiceConfigState,
  args: ServiceConfigArguments,
  decision: ConfigFileDecision,
  context: Context,
): Promise<ServiceConfigState> {
  if (decision.action === "settings") return { ...state, __arguments: kept(args) };
  const force = decision.action === "write" && decision.force;
  return write(args, { ownerId: state.__state.ownerId, force }, context, state);
}

export async function read(
  state: ServiceConfigState,
  context: Context,
): Promise<ServiceConfigState> {
  return refreshConfigFile(fileOf(state.__arguments), state, context);
}

export async function remove(
  state: ServiceConfigState,
  context: Context,
  living?: ServiceConfigState,
): Promise<void> {
  await removeConfigFile(fileOf(state.__arguments), state, context, living);
}

export { remove as delete };

async function write(
  args: ServiceConfigArguments,
  life: { readonly ownerId: string; readonly force: boolean; readonly newHost?: boolean },
  context: Context,
  former?: ServiceConfigState,
): Promise<ServiceConfigState> {
  const { path, content } = args;
  const reported = args.verify === "report" ? endpointsOf(args) : [];
  const written = await writeConfigFile(
    fileOf(args),
    {
      ...life,
      prepare: (host, signal) => prepared(host, args, context, signal),
      after: async (host, { changed }, signal) => {
        for (const endpoint of changed ? reported : [])
          context.info(`${host.label}: ${await reportOf(host, endpoint, signal)}`);
      },
    },
    context,
  );
  warnOfReaders(args, context);
  return {
    __arguments: kept(args),
    __state: { ownerId: life.ownerId, stored: written.stored },
    path,
    sha256: sha256Of(content),
    reloaded: written.changed ? written.reloaded : (former?.reloaded ?? false),
  };
}

async function prepared(
  host: Parameters<typeof expectationsOf>[0],
  args: ServiceConfigArguments,
  { progress }: Context,
  signal: AbortSignal,
): Promise<Prepared> {
  const expectations = await expectationsOf(host, args, signal);
  return {
    text: args.content,
    verify:
      expectations.length === 0
        ? undefined
        : async (limit, down) => {
            progress("waits for the service to answer");
            const up = expectations.filter(({ endpoint }) => !down.has(endpoint.service ?? ""));
            await Promise.all(up.map((expectation) => insist(host, expectation, limit)));
          },
    verifyTimeoutMs: Math.max(0, ...expectations.map(({ timeoutMs }) => timeoutMs)),
    mustRun: mustRunOf(expectations.map(({ endpoint }) => endpoint)),
  };
}

function warnOfReaders({ path, mode }: ServiceConfigArguments, context: Context): void {
  if (!context.holdsSecret || mode !== undefined) return;
  context.warn(
    `the content of ${path} is secret, and every user of the host can read the file: give it a mode ("0600", or "0640" with the group that needs it)`,
  );
}

/** What the state keeps of the arguments. */
function kept(args: ServiceConfigArguments): ServiceConfigArguments {
  return { ...args, ...storedArguments(RULES, args) };
}

function fileOf(args: ServiceConfigArguments): ConfigFile {
  const { connection, path, owner, group, service, forgetUnreachable } = args;
  const { mode = "0644", commentPrefix = "#" } = args;
  const file = { path, mode: fullMode(mode), owner, group, commentPrefix };
  return {
    ...WORDS,
    ...file,
    ...commandsOf(service, args, { paths: {} }),
    service: wordsOf(service),
    connection,
    forgetUnreachable,
  };
}
