/** What has to be done with a configuration file, decided from state and arguments. Pure. */
import type { Target } from "../../hosts/host";
import { enumerate } from "../../util/text";
import { sameDestination } from "../arguments/connection";
import { mayBeAnotherMachine } from "../arguments/machine";
import type { Decision } from "../engine/resource";
import { changesOf, namesOf, type Rules } from "../engine/rules";
import { isRecord, isUnknown } from "../engine/wire";
import type { Words } from "./ownership";
import type { ConfigFileState } from "./state";

export type ConfigFileDecision =
  | Decision<never>
  /** The host is looked at, and brought to where it should be. `force`: also where it seems to be there. */
  | { readonly action: "write"; readonly reason: string; readonly force: boolean };

/** What is compared, and where the file of such arguments lies. */
export interface Compared<Args> {
  readonly rules: Rules<Args, "write">;
  readonly former: Args;
  readonly args: Args;
  readonly pathOf: (args: Args) => string;
}

/** Arguments may hold unknowns, which count as a change where they are part of the text. */
export function decideConfigFile<Args extends { readonly connection: Target }>(
  { sha256, __state: { drift = [] } }: ConfigFileState,
  { rules, former, args, pathOf }: Compared<Args>,
  { what, pathArgument }: Words,
): ConfigFileDecision {
  const path = pathOf(args);
  const isOtherPath = !isUnknown(path) && path !== pathOf(former);
  const isMoved = isOtherHost(former.connection, args.connection);
  if (isMoved || isOtherPath) {
    const reason = `replaces: the ${what} moves to ${isMoved ? "another host" : path}`;
    const replaces = [...(isMoved ? ["connection"] : []), ...(isOtherPath ? [pathArgument] : [])];
    return { action: "replace", reason, replaces };
  }
  if (sha256 === undefined) return write("writes: what became of the first attempt is not known");
  if (drift.length > 0) return write(`repairs: ${enumerate(drift)}`);

  const changes = changesOf(rules, former, args);
  const content = namesOf(changes, "write");
  if (content.length > 0)
    return write(`writes ${enumerate(content)} anew`, content.includes("triggers" as never));
  const maybe = [
    ...(isUnknownHost(args.connection) ? ["host"] : []),
    ...(isUnknown(path) ? ["file"] : []),
  ];
  if (maybe.length > 0) return write(`perhaps replaces: the ${enumerate(maybe)} is not known yet`);
  if (mayBeAnotherMachine(former.connection, args.connection))
    return write("looks at the host: another machine may have its place");
  const settings = namesOf(changes, "settings");
  if (settings.length === 0) return { action: "none" };
  const reason = `takes over ${enumerate(settings)}; the host is not touched`;
  return { action: "settings", reason };
}

function write(reason: string, force = false): ConfigFileDecision {
  return { action: "write", reason, force };
}

function isOtherHost(old: Target, next: Target): boolean {
  return !isUnknownHost(next) && !sameDestination(old, next);
}

function isUnknownHost(target: unknown): boolean {
  return isUnknown(target) || (isRecord(target) && isUnknown(target["host"]));
}
