/**
 * What may cross the wire between a handler and the engine: JSON without `undefined`, and secrets in their wrapper.
 *
 * The engine hands secrets over in clear and hides again what has the same name among the inputs. What it cannot
 * know, we wrap ourselves.
 */

import { isRecord } from "../../util/json";

export { isRecord };

/** What the engine writes where a value is not known yet; the same text for every type, at any depth. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** Whether an unknown stands anywhere in `value`. */
export function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isRecord(value) && Object.values(value).some(hasUnknown);
}

/** `value`; as long as that is not known, what it was before. */
export function knownOr<T>(value: T, former: T): T {
  return hasUnknown(value) ? former : value;
}

/** `value`, marked as a secret for the engine. */
export function secret(value: unknown): unknown {
  return { [SIGNATURE]: SECRET_SIGNATURE, value };
}

/** `value` with every secret out of its wrapper: callers other than the engine hand back what `check` returned. */
export function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (!isRecord(value)) return value;
  if (value[SIGNATURE] === SECRET_SIGNATURE) return inClear(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inClear(item)]));
}

/** `value` with everything below a key in `names` marked as a secret, at any depth. */
export function markSecrets(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => markSecrets(item, names));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      names.has(key) && item !== undefined && !isUnknown(item)
        ? secret(item)
        : markSecrets(item, names),
    ]),
  );
}

/**
 * `value` without `undefined`, for the wire.
 *
 * @throws Error naming the path of anything that JSON cannot hold: the engine would turn a `Date` into `{}` silently.
 */
export function toWire(value: unknown, path = ""): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value))
    return value.map((item, index) => toWire(item, `${path}[${String(index)}]`));
  if (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, toWire(item, path === "" ? key : `${path}.${key}`)]),
    );
  }
  throw new Error(`${path === "" ? "the result" : path} cannot be stored in a state`);
}

/** Equal as JSON: order of keys does not matter, `undefined` counts as absent. */
export function sameData(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** JSON with the keys of objects sorted; `undefined` counts as absent. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isRecord(item)
      ? Object.fromEntries(Object.entries(item).sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0)))
      : item,
  );
}
