/** `check` of an `AcmeOrder`: what is wrong with its arguments, and the arguments in their normal form. Pure. */
import * as v from "valibot";

import { asSet, normalizeDnsName } from "../../util/names";
import { accountReference, instantText, margin } from "../certificate/arguments";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { nonEmpty, object, oneOfWords } from "../../schema/builders";
import { failuresOf } from "../arguments/failures";
import { SECRET_ARGUMENTS } from "../../util/secret-names";
import { hasUnknown, isUnknown, markSecrets } from "../engine/wire";

/** Let's Encrypt's limit, and the highest of any public CA. */
const MAX_NAMES = 100;

export const orderSchema = object({
  account: accountReference,
  dnsNames: v.array(v.string()),
  challenge: oneOfWords(["dns-01", "http-01"]),
  profile: v.optional(nonEmpty),
  profileRequired: v.optional(v.boolean()),
  notBefore: v.optional(instantText),
  notAfter: v.optional(instantText),
  renewBefore: v.optional(margin),
  useRenewalInfo: v.optional(v.boolean()),
  triggers: v.optional(v.array(v.unknown())),
});

export function checkOrder(news: Properties): CheckResult {
  const failures = failuresOf(orderSchema, news);
  const dnsNames = normalizeNames(news["dnsNames"], failures);
  if (failures.length === 0) failures.push(...contradictions(news, dnsNames));
  const inputs = markSecrets({ ...news, dnsNames }, SECRET_ARGUMENTS) as Properties;
  return { inputs, failures };
}

/** Sorted and without repetition, as long as all of it is known; complaints go to `failures`. */
function normalizeNames(value: unknown, failures: CheckFailure[]): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map((item: unknown, index) => {
    if (typeof item !== "string" || isUnknown(item)) return item;
    const result = normalizeDnsName(item);
    if ("value" in result) return result.value;
    failures.push({ path: `dnsNames[${String(index)}]`, reason: result.problem });
    return item;
  });
  const known = items.every((item) => typeof item === "string") && !hasUnknown(items);
  return known ? asSet(items) : items;
}

function contradictions(news: Properties, dnsNames: unknown): CheckFailure[] {
  if (hasUnknown(dnsNames)) return [];
  const names = dnsNames as string[];
  const failures: CheckFailure[] = [];
  if (names.length === 0) failures.push({ path: "dnsNames", reason: "needs at least one name" });
  if (names.length > MAX_NAMES) {
    const reason = `${String(names.length)} names are more than the ${String(MAX_NAMES)} that a certificate can hold`;
    failures.push({ path: "dnsNames", reason });
  }
  const wildcard = names.find((name) => name.startsWith("*."));
  if (news["challenge"] === "http-01" && wildcard !== undefined) {
    // RFC 8555 §7.1.3 leaves it to the CA; every public one refuses it.
    const reason = `cannot prove the wildcard ${wildcard}: only "dns-01" can`;
    failures.push({ path: "challenge", reason });
  }
  if (news["profileRequired"] === true && news["profile"] === undefined) {
    failures.push({ path: "profileRequired", reason: "says nothing without a profile" });
  }
  return failures;
}
