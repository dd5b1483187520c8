/** Which changes of a connection may mean that another machine has the place of the one that was known. Pure. */
import { expectedKeys } from "../../hosts/host-key";
import type { Connection, Target } from "../../hosts/host";
import { DEFAULT_PORT } from "../../hosts/target";
import { isRecord, isUnknown } from "../engine/wire";
import { sameDestination } from "./connection";

/**
 * Whether a look at the host has to tell if what was brought there still lies there: none of its keys is accepted any more, it is
 * reached by another jump host (private addresses repeat), or by another port (which may lead into another container).
 * User and credentials say nothing of the machine. What is not known yet may be another.
 *
 * @see pulumi/pulumi-command#17
 */
export function mayBeAnotherMachine(old: Target, next: Target): boolean {
  if (old === "local" || next === "local") return old !== next;
  if (isUnknown(next)) return true;
  const { port: oldPort = DEFAULT_PORT } = old;
  const { port = DEFAULT_PORT } = next;
  return oldPort !== port || noneRemains(old, next) || isOtherWay(old.proxy, next.proxy);
}

/** Whether what is at `next` need not lie at `old`, nor the other way round. */
export function isElsewhere(old: Target, next: Target): boolean {
  return !sameDestination(old, next) || mayBeAnotherMachine(old, next);
}

function noneRemains(old: Connection, next: Connection): boolean {
  const before = acceptedBy(old);
  const after = new Set(acceptedBy(next));
  return before.length > 0 && !before.some((key) => after.has(key));
}

function acceptedBy(connection: Connection): string[] {
  return expectedKeys(connection).accepted.map(({ blob }) => blob.toString("base64"));
}

function isOtherWay(old: Connection | undefined, next: Connection | undefined): boolean {
  if (old === undefined || next === undefined) return old !== next;
  if (!isRecord(next) || isUnknown(next.host)) return true;
  return isElsewhere(old, next);
}
