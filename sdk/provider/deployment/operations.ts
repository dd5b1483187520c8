/** What is done with deployments: create, update, read, remove. Loads everything heavy. */
import { randomUUID } from "node:crypto";

import { isStandIn, NotRunningError, removeFiles, standInOf } from "../../deploy";
import { HostError } from "../../hosts";
import { instant } from "../../util/instant";
import { isElsewhere } from "../arguments/machine";
import { onHost } from "../config-file/on-host";
import { failedCreation, partialFailure } from "../config-file/uncertain";
import { removing } from "../engine/removal";
import type { Context } from "../engine/resource";
import type { DeploymentArguments } from "./arguments";
import type { DeploymentDecision } from "./decide";
import { findDrift } from "./drift";
import { type Deployment, install, kept, onItsHost } from "./install";
import { layStandIn } from "./stand-in";
import type { DeploymentState } from "./state";

export async function create(
  args: DeploymentArguments,
  context: Context,
): Promise<DeploymentState> {
  const ownerId = newOwner(args);
  try {
    return await deploy({ args, ownerId, force: false, reporter: context, urn: context.urn });
  } catch (error) {
    throw failedCreation(error, ownedBy(ownerId, args));
  }
}

export async function update(
  state: DeploymentState,
  args: DeploymentArguments,
  decision: DeploymentDecision,
  context: Context,
): Promise<DeploymentState> {
  if (decision.action === "settings") return { ...state, __arguments: kept(args) };
  const force = decision.action === "apply" && decision.force;
  const { certificate } = args;
  const isFirst = certificate !== undefined && isStandIn(state.__state.ownerId);
  const ownerId = isFirst ? newOwner(args) : state.__state.ownerId;
  try {
    return await deploy({ args, ownerId, force, reporter: context, urn: context.urn, state });
  } catch (error) {
    // The files are there, and are the stand-in's no more: by its name a destroy would not find them.
    throw isFirst && error instanceof NotRunningError
      ? partialFailure(error, ownedBy(ownerId, args))
      : error;
  }
}

/** The state where no more is known than whose the files on the host may be. */
function ownedBy(ownerId: string, args: DeploymentArguments): DeploymentState {
  return { __arguments: kept(args), __state: { ownerId }, paths: args.paths };
}

/** Looks at the host. One that is down is no news about the deployment: a warning, and the state stays. */
export async function read(state: DeploymentState, context: Context): Promise<DeploymentState> {
  if (state.deployedAt === undefined) return state;
  try {
    return await findDrift(state, context);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    context.warn(`the deployment could not be looked at, and is taken as it was: ${error.message}`);
    return state;
  }
}

/** Removes what is still this deployment's. */
export async function remove(
  state: DeploymentState,
  context: Context,
  living?: DeploymentState,
): Promise<void> {
  const { urn, progress, info, warn } = context;
  const { connection, paths, forgetUnreachable } = state.__arguments;
  const { ownerId, deployedFiles } = state.__state;
  const deployed = deployedFiles?.map(({ path }) => path) ?? Object.values(paths);
  const successor = living?.__state.ownerId === ownerId ? undefined : living;
  const moved =
    successor?.deployedAt !== undefined &&
    isElsewhere(connection, successor.__arguments.connection);
  // The normal course of a replacement at the same place.
  const left = successor === undefined && !isStandIn(ownerId) ? warn : info;
  const removal = { what: "deployment", forgetUnreachable, moved, leftovers: deployed, warn };
  await removing(removal, () =>
    onHost(connection, context, (host, signal) =>
      removeFiles(host, ownerId, deployed, { urn, signal, progress, warn, left }),
    ),
  );
}

export { remove as delete };

function newOwner({ certificate }: DeploymentArguments): string {
  return certificate === undefined ? standInOf(randomUUID()) : randomUUID();
}

function deploy(deployment: Deployment): Promise<DeploymentState> {
  const { certificate } = deployment.args;
  return certificate === undefined ? begin(deployment) : install({ ...deployment, certificate });
}

/** Without a certificate. */
function begin(deployment: Deployment): Promise<DeploymentState> {
  const { args, ownerId, reporter, state } = deployment;
  return onItsHost(deployment, async (host, signal) => {
    const laid = await layStandIn(host, args, deployment, reporter, signal);
    const { applied, fingerprintSha256 } = laid;
    return {
      __arguments: kept(args),
      __state: { ownerId, deployedFiles: applied.files },
      paths: args.paths,
      files: applied.files,
      fingerprintSha256,
      deployedAt: applied.changed
        ? instant(Date.now())
        : (state?.deployedAt ?? instant(Date.now())),
      reloaded: applied.reloaded,
    };
  });
}
