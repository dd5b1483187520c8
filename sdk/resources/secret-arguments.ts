/** Marks arguments as secret by their names, even where the program did not. */
import * as pulumi from "@pulumi/pulumi";

import { SECRET_ARGUMENTS } from "../util/secret-names";

/**
 * `value` with a Pulumi secret below every key that names one, at any depth.
 *
 * What an Output or a promise holds is not known here; the handlers' `check` marks that.
 */
export function markSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(markSecrets);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_ARGUMENTS.has(key) && item !== undefined ? pulumi.secret(item) : markSecrets(item),
    ]),
  );
}

/* Outputs, promises and resources have a prototype of their own. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
