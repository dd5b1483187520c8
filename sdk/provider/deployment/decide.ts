/** What has to be done with a deployment: nothing, take over a new connection, apply, replace. Pure. */
import { enumerate } from "../../util/text";
import { sameDestination } from "../arguments/connection";
import { mayBeAnotherMachine } from "../arguments/machine";
import type { Decision } from "../engine/resource";
import { changesOf, namesOf } from "../engine/rules";
import { isRecord, isUnknown, sameData } from "../engine/wire";
import { type DeploymentArguments, hasKey, requestedFiles, RULES } from "./arguments";
import type { DeploymentState } from "./state";

export type DeploymentDecision =
  | Decision<never>
  /** The host is looked at, and brought to where it should be. `force`: also where it seems to be there. */
  | { readonly action: "apply"; readonly reason: string; readonly force: boolean };

/** @param args - checked arguments; in preview they may hold unknowns. */
export function decideDeployment(
  state: DeploymentState,
  args: DeploymentArguments,
): DeploymentDecision {
  const former = state.__arguments;
  const changes = changesOf(RULES, former, args);
  const changed = changes.map(({ argument }) => argument);
  const replaces = replacements(former, args, changed);
  if (replaces.length > 0) {
    const reason = `deploys anew: ${enumerate(replaces)} changed; the old files go last`;
    return { action: "replace", reason, replaces };
  }
  if (state.deployedAt === undefined) {
    const reason = "deploys: what became of the first attempt is not known";
    return { action: "apply", reason, force: false };
  }
  const { drift = [] } = state.__state;
  if (drift.length > 0)
    return { action: "apply", reason: `repairs: ${enumerate(drift)}`, force: true };
  const work = namesOf(changes, "apply");
  const reasons = [
    ...work.map((name) => `${name === "certificate" ? "the certificate" : name} changed`),
    ...doubtsAbout(former, args),
  ];
  if (reasons.length > 0) {
    const force = work.includes("triggers");
    return { action: "apply", reason: `deploys: ${enumerate(reasons)}`, force };
  }
  const settings = namesOf(changes, "settings");
  if (settings.length === 0) return { action: "none" };
  const reason = `takes over ${enumerate(settings)}; the host is not asked`;
  return { action: "settings", reason };
}

/** Why the host has to be looked at although nothing has to be brought there. */
function doubtsAbout(former: DeploymentArguments, args: DeploymentArguments): string[] {
  if (isDestinationUnknown(args)) return ["the host is not known yet"];
  return mayBeAnotherMachine(former.connection, args.connection)
    ? ["another machine may have the host's place"]
    : [];
}

function isDestinationUnknown({ connection }: DeploymentArguments): boolean {
  return isUnknown(connection) || (isRecord(connection) && isUnknown(connection["host"]));
}

/** The arguments because of which the files lie somewhere else now. What is not known yet is decided when it is. */
function replacements(
  former: DeploymentArguments,
  args: DeploymentArguments,
  changed: readonly string[],
): string[] {
  const replaces: string[] = [];
  if (!isDestinationUnknown(args) && !sameDestination(former.connection, args.connection))
    replaces.push("connection");
  if (!isUnknown(args.directory) && former.directory !== args.directory)
    return [...replaces, "directory"];
  const withKey = hasKey(former.certificate) ?? true;
  const before = placesOf(former, withKey);
  const after = placesOf(args, hasKey(args.certificate) ?? withKey);
  if (before !== undefined && after !== undefined && !sameData(before, after))
    replaces.push(changed.includes("files") ? "files" : "certificate");
  return replaces;
}

/** Each content with its paths in their order: what `paths` is made of, and what lies on the host. */
function placesOf(args: DeploymentArguments, withKey: boolean): string[] | undefined {
  return requestedFiles(args, withKey)
    ?.map(({ path, content }) => `${content} ${path}`)
    .sort();
}
