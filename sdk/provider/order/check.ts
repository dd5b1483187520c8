/** `check` of an `AcmeOrder`: what is wrong with its arguments, and the arguments in their normal form. Pure. */
import { SECRET_ARGUMENTS } from "../../util/secret-names";
import { failuresOf } from "../arguments/failures";
import { normalizeNames, tooManyNames } from "../arguments/names";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { hasUnknown, markSecrets } from "../engine/wire";
import { orderSchema } from "./arguments";

export function checkOrder(news: Properties): CheckResult {
  const failures = failuresOf(orderSchema, news);
  const dnsNames = normalizeNames(news["dnsNames"], "dnsNames", failures);
  if (failures.length === 0) failures.push(...contradictions(news, dnsNames));
  const inputs = markSecrets({ ...news, dnsNames }, SECRET_ARGUMENTS) as Properties;
  return { inputs, failures };
}

function contradictions(news: Properties, dnsNames: unknown): CheckFailure[] {
  if (hasUnknown(dnsNames)) return [];
  const names = dnsNames as string[];
  const failures: CheckFailure[] = [];
  if (names.length === 0) failures.push({ path: "dnsNames", reason: "needs at least one name" });
  failures.push(...tooManyNames(names.length));
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
