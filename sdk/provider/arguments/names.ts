/** Lists of names among the arguments: in their normal form, and what changed in them. Pure. */
import { asSet, normalizeDnsName, type Normalized } from "../../util/names";
import type { CheckFailure } from "../engine/handler";
import { hasUnknown, isUnknown } from "../engine/wire";

/** Let's Encrypt's limit, and the highest of any public CA. */
const MAX_NAMES = 100;

/** Sorted and without repetition, as long as all of it is known; what is wrong goes to `failures`. */
export function normalizeNames(
  value: unknown,
  path: string,
  failures: CheckFailure[],
  normalizeOne: (text: string) => Normalized = normalizeDnsName,
): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map((item: unknown, index) => {
    if (typeof item !== "string" || isUnknown(item)) return item;
    const result = normalizeOne(item);
    if ("value" in result) return result.value;
    failures.push({ path: `${path}[${String(index)}]`, reason: result.problem });
    return item;
  });
  const isKnown = items.every((item) => typeof item === "string" && !isUnknown(item));
  return isKnown ? asSet(items as string[]) : items;
}

export function tooManyNames(count: number): CheckFailure[] {
  if (count <= MAX_NAMES) return [];
  const reason = `${String(count)} names are more than the ${String(MAX_NAMES)} that a certificate can hold`;
  return [{ path: "dnsNames", reason }];
}

/** In words. */
export function changesOfNames(
  former: readonly string[] = [],
  names: readonly string[] = [],
): string[] {
  if (hasUnknown(names)) return ["names that are not known yet"];
  return [
    ...names.filter((name) => !former.includes(name)).map((name) => `name added ${name}`),
    ...former.filter((name) => !names.includes(name)).map((name) => `name removed ${name}`),
  ];
}
