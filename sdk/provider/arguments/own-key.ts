/** A key that the user brings, among the arguments of a resource. Pure. */
import { messageOf } from "../../util/errors";
import { keyTypeOf, normalizePrivateKey } from "../../x509/keys";
import type { CheckFailure, Properties } from "../engine/handler";
import { isUnknown } from "../engine/wire";

/**
 * The key in its normal form, so that the same key in another form is no other key; complaints, also of a `keyType`
 * that is not the key's, go to `failures`. What is no key, or not known yet, is given back as it is.
 */
export function normalizeOwnKey(
  news: Properties,
  argument: "accountKeyPem" | "privateKeyPem",
  failures: CheckFailure[],
): unknown {
  const { [argument]: pem, keyType } = news;
  if (!isGivenKey(pem)) return pem;
  try {
    const normal = normalizePrivateKey(pem);
    const type = keyTypeOf(normal);
    if (typeof keyType === "string" && !isUnknown(keyType) && keyType !== type) {
      const is = type === undefined ? "of another kind" : `of the kind ${type}`;
      const reason = `the key in ${argument} is ${is}; leave keyType out`;
      failures.push({ path: "keyType", reason });
    }
    return normal;
  } catch (error) {
    failures.push({ path: argument, reason: messageOf(error) });
    return pem;
  }
}

/** Whether there is a text to read; an empty one is the schema's matter. */
export function isGivenKey(value: unknown): value is string {
  return typeof value === "string" && !isUnknown(value) && value.trim() !== "";
}
