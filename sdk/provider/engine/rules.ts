/** What a change of each argument of a resource means, and what the state keeps of it. Pure. */
import { createHash } from "node:crypto";

import type { CheckFailure, Properties } from "./handler";
import { canonicalJson, hasUnknown, isUnknown, sameData } from "./wire";

/** `Change`: the resource's own words for what a change leads to, and three that all resources share. */
export interface ArgumentRule<Change extends string, Value = unknown, Args = unknown> {
  /** `settings`: taken over without the CA or the host. `none`: matters at creation alone. */
  readonly change: Change | "settings" | "replace" | "none";
  /** Means the same as leaving the argument out. */
  readonly default?: unknown;
  /**
   * What the state keeps, to see later whether the argument changed. Default: the value. `digest`: its SHA-256, for what
   * is secret or large and is only compared. `none`: nothing; a change is then never seen.
   */
  readonly stored?: "value" | "digest" | "none" | ((value: Value, args: Args) => unknown);
  /** Arguments that it cannot stand beside, each with the reason that `check` gives. */
  readonly notWith?: Readonly<Record<string, string>>;
}

/** One rule for each argument: an argument that is forgotten does not compile. */
export type Rules<Args, Change extends string> = {
  readonly [K in keyof Required<Args>]: ArgumentRule<Change, Exclude<Args[K], undefined>, Args>;
};

export interface ArgumentChange<Args, Change extends string> {
  readonly argument: keyof Args & string;
  readonly change: Change | "settings" | "replace";
}

/** What the state keeps of `args`. What is not known yet is kept as unknown. */
export function storedArguments<Args extends object, Change extends string>(
  rules: Rules<Args, Change>,
  args: Args,
): Partial<Args> {
  const entries = argumentsOf(rules).map((name) => [
    name,
    storedValue(rules, args, name, args[name]),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Partial<Args>;
}

/**
 * The arguments that differ from those that the state keeps, in the order of the rules. An unknown counts as a change,
 * because it may be one; a setting that is unknown does not: else an update of an account shows on all its certificates.
 */
export function changesOf<Args extends object, Change extends string>(
  rules: Rules<Args, Change>,
  stored: Partial<Args>,
  args: Args,
): ArgumentChange<Args, Change>[] {
  return argumentsOf(rules).flatMap((argument) => {
    const { change, stored: kept } = rules[argument];
    if (change === "none" || kept === "none") return [];
    const value = args[argument];
    if (change === "settings" && hasUnknown(value)) return [];
    const fallback = rules[argument].default;
    const former = stored[argument] ?? storedValue(rules, args, argument, fallback);
    const latter = storedValue(rules, args, argument, value ?? fallback);
    return sameData(former, latter) ? [] : [{ argument, change }];
  });
}

/** The names among `changes` whose change leads to `change`. */
export function namesOf<Args, Change extends string>(
  changes: readonly ArgumentChange<Args, Change>[],
  change: Change | "settings",
): (keyof Args & string)[] {
  return changes.filter((one) => one.change === change).map(({ argument }) => argument);
}

/** A hash of all arguments whose change leads to `change`. */
export function hashOfArguments<Args extends object, Change extends string>(
  rules: Rules<Args, Change>,
  change: Change,
  args: Args,
): string {
  const stored = storedArguments(rules, args);
  const names = argumentsOf(rules).filter((name) => rules[name].change === change);
  return digestOf(names.map((name) => [name, stored[name]]));
}

/** What cannot stand beside what, as the user wrote it. */
export function conflictsOf<Args, Change extends string>(
  rules: Rules<Args, Change>,
  written: Properties,
): CheckFailure[] {
  return argumentsOf(rules).flatMap((path) => {
    if (written[path] === undefined) return [];
    return Object.entries(rules[path].notWith ?? {})
      .filter(([other]) => written[other] !== undefined && !isUnknown(written[other]))
      .map(([, reason]) => ({ path, reason }));
  });
}

/** `sha256:` and the SHA-256 of the value as JSON, in base64url. */
export function digestOf(value: unknown): string {
  return `sha256:${createHash("sha256").update(canonicalJson(value)).digest("base64url")}`;
}

function argumentsOf<Args, Change extends string>(
  rules: Rules<Args, Change>,
): (keyof Args & string)[] {
  return Object.keys(rules) as (keyof Args & string)[];
}

function storedValue<Args extends object, Change extends string>(
  rules: Rules<Args, Change>,
  args: Args,
  name: keyof Args & string,
  value: unknown,
): unknown {
  const { stored = "value" } = rules[name];
  if (value === undefined || stored === "none") return undefined;
  if (stored === "value" || isUnknown(value)) return value;
  if (typeof stored === "function") return stored(value as never, args);
  return hasUnknown(value) ? value : digestOf(value);
}
