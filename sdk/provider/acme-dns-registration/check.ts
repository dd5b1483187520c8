/** `check` of an `AcmeDnsRegistration`: what is wrong with its arguments, and the arguments in their normal form. Pure. */
import { withoutTrailingSlashes } from "../../http/url";
import { asSet, normalizeDnsName, withoutWildcard } from "../../util/names";
import { failuresOf } from "../arguments/failures";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { hasUnknown, isUnknown } from "../engine/wire";
import { registrationSchema } from "./arguments";

export function checkRegistration(news: Properties): CheckResult {
  const failures = failuresOf(registrationSchema, news);
  const { url, dnsName, allowFrom } = news;
  const isSet = Array.isArray(allowFrom) && failures.length === 0 && !hasUnknown(allowFrom);
  const inputs = {
    ...news,
    url: typeof url === "string" ? withoutTrailingSlashes(url) : url,
    dnsName: normalized(dnsName, failures),
    allowFrom: isSet ? asSet(allowFrom as string[]) : allowFrom,
  };
  return { inputs, failures };
}

/** A name and its wildcard are proven at the same record. */
function normalized(dnsName: unknown, failures: CheckFailure[]): unknown {
  if (typeof dnsName !== "string" || isUnknown(dnsName)) return dnsName;
  const result = normalizeDnsName(dnsName);
  if ("value" in result) return withoutWildcard(result.value);
  failures.push({ path: "dnsName", reason: result.problem });
  return dnsName;
}
