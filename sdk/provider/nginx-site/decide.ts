/** What has to be done with a site, decided from state and arguments. Pure. */
import type { Target } from "../../hosts/host";
import { enumerate } from "../../util/text";
import { sameDestination } from "../arguments/connection";
import { mayBeAnotherMachine } from "../arguments/machine";
import type { Decision } from "../engine/resource";
import { changesOf, namesOf } from "../engine/rules";
import { isRecord, isUnknown } from "../engine/wire";
import { type NginxSiteArguments, RULES } from "./arguments";
import type { NginxSiteState } from "./state";

export type NginxSiteDecision =
  | Decision<never>
  /** The host is looked at, and brought to where it should be. `force`: also where it seems to be there. */
  | { readonly action: "write"; readonly reason: string; readonly force: boolean };

/** Arguments may hold unknowns, which count as a change where they are part of the text. */
export function decideNginxSite(
  state: NginxSiteState,
  args: NginxSiteArguments,
): NginxSiteDecision {
  const former = state.__arguments;
  const replaces = [
    ...(isOtherHost(former.connection, args.connection) ? ["connection"] : []),
    ...(!isUnknown(args.configFile) && args.configFile !== former.configFile ? ["configFile"] : []),
  ];
  if (replaces.length > 0)
    return { action: "replace", reason: replacement(args, replaces), replaces };
  const { drift = [] } = state.__state;
  if (drift.length > 0) return write(`repairs: ${enumerate(drift)}`);

  const changes = changesOf(RULES, former, args);
  const content = namesOf(changes, "write");
  if (content.length > 0)
    return write(`writes ${enumerate(content)} anew`, content.includes("triggers"));
  const maybe = [
    ...(isUnknownHost(args.connection) ? ["host"] : []),
    ...(isUnknown(args.configFile) ? ["file"] : []),
  ];
  if (maybe.length > 0) return write(`perhaps replaces: the ${enumerate(maybe)} is not known yet`);
  if (mayBeAnotherMachine(former.connection, args.connection))
    return write("looks at the host: another machine may have its place");
  const settings = namesOf(changes, "settings");
  if (settings.length === 0) return { action: "none" };
  const reason = `takes over ${enumerate(settings)}; the host is not touched`;
  return { action: "settings", reason };
}

function write(reason: string, force = false): NginxSiteDecision {
  return { action: "write", reason, force };
}

function isOtherHost(old: Target, next: Target): boolean {
  return !isUnknownHost(next) && !sameDestination(old, next);
}

function isUnknownHost(target: unknown): boolean {
  return isUnknown(target) || (isRecord(target) && isUnknown(target["host"]));
}

function replacement(args: NginxSiteArguments, replaces: readonly string[]): string {
  const where = replaces.includes("connection") ? "another host" : args.configFile;
  return `replaces: the site moves to ${where}`;
}
