/** What has to be done with a site, decided from state and arguments. Pure. */
import type { Target } from "../../hosts/host";
import { enumerate } from "../../util/text";
import { sameDestination } from "../arguments/connection";
import type { NginxSiteArguments, NginxSiteState } from "./state";
import { hasUnknown, isRecord, isUnknown, sameData } from "../engine/wire";

export type NginxSiteDecision =
  | { readonly action: "none" }
  | {
      /** `settings`: taken over without contact to the host. */
      readonly action: "replace" | "write" | "settings";
      readonly reason: string;
      readonly replaces?: readonly string[];
    };

/** They say how the file gets to the host, not what is in it. */
const WAYS: ReadonlySet<string> = new Set(["connection", "test", "reload"]);

/** News may hold unknowns, which count as a change where they are part of the text. */
export function decideNginxSite(
  state: NginxSiteState,
  news: NginxSiteArguments,
): NginxSiteDecision {
  const olds = state.__arguments;
  const replaces = [
    ...(isOtherHost(olds.connection, news.connection) ? ["connection"] : []),
    ...(!isUnknown(news.configFile) && news.configFile !== olds.configFile ? ["configFile"] : []),
  ];
  if (replaces.length > 0)
    return { action: "replace", reason: replacement(news, replaces), replaces };
  if (state.drift !== undefined) return { action: "write", reason: `repairs: ${state.drift}` };

  const changed = changedKeys(olds, news);
  const content = changed.filter((key) => !WAYS.has(key));
  if (content.length > 0) return { action: "write", reason: `writes ${enumerate(content)} anew` };
  const maybe = [
    ...(isUnknownHost(news.connection) ? ["host"] : []),
    ...(isUnknown(news.configFile) ? ["file"] : []),
  ];
  if (maybe.length > 0) {
    return {
      action: "write",
      reason: `perhaps replaces: the ${enumerate(maybe)} is not known yet`,
    };
  }
  // What is not known yet of the way is not a change: else a host's new password would show all its sites as updates.
  const ways = changed.filter((key) => !hasUnknown(valueOf(news, key)));
  if (ways.length === 0) return { action: "none" };
  return { action: "settings", reason: `takes over ${enumerate(ways)}; the host is not touched` };
}

function changedKeys(olds: NginxSiteArguments, news: NginxSiteArguments): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  keys.delete("configFile");
  return [...keys].filter((key) => !sameData(valueOf(olds, key), valueOf(news, key))).sort();
}

function valueOf(args: NginxSiteArguments, key: string): unknown {
  return (args as unknown as Record<string, unknown>)[key];
}

function isOtherHost(old: Target, next: Target): boolean {
  return !isUnknownHost(next) && !sameDestination(old, next);
}

function isUnknownHost(target: unknown): boolean {
  return isUnknown(target) || (isRecord(target) && isUnknown(target["host"]));
}

function replacement(news: NginxSiteArguments, replaces: readonly string[]): string {
  const where = replaces.includes("connection") ? "another host" : news.configFile;
  return `replaces: the site moves to ${where}`;
}
