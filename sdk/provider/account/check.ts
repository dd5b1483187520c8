/**
 * `check` of an `AcmeAccount`: what is wrong with its arguments, and the arguments in their normal form.
 *
 * Asks nobody. Keys and certificates are read by node:crypto, and only where some are given.
 */
import { normalizeContact } from "../arguments/contact";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { normalizeOwnKey } from "../arguments/own-key";
import { accountSchema, RULES } from "./arguments";
import { failuresOf } from "../arguments/failures";
import { SECRET_ARGUMENTS } from "../../util/secret-names";
import { conflictsOf } from "../engine/rules";
import { isUnknown, markSecrets } from "../engine/wire";

export async function checkAccount(news: Properties): Promise<CheckResult> {
  const failures = failuresOf(accountSchema, news);
  if (failures.length === 0) failures.push(...conflictsOf(RULES, news));
  const normalized: Properties = {
    ...news,
    contact: contacts(news["contact"], failures),
    accountKeyPem: normalizeOwnKey(news, "accountKeyPem", failures),
    caBundlePem: await bundle(news["caBundlePem"], failures),
  };
  if (news["mustExist"] === true && news["accountKeyPem"] === undefined) {
    failures.push({
      path: "mustExist",
      reason: "needs accountKeyPem: a new key cannot have an account",
    });
  }
  return { inputs: markSecrets(normalized, SECRET_ARGUMENTS) as Properties, failures };
}

/** A set: sorted and without repetition, as long as all of it is known. */
function contacts(value: unknown, failures: CheckFailure[]): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map((item: unknown, index) => {
    if (typeof item !== "string" || isUnknown(item)) return item;
    const result = normalizeContact(item);
    if ("value" in result) return result.value;
    failures.push({ path: `contact[${String(index)}]`, reason: result.problem });
    return item;
  });
  const known = items.every((item) => typeof item === "string" && !isUnknown(item));
  return known ? [...new Set(items as string[])].sort() : items;
}

async function bundle(value: unknown, failures: CheckFailure[]): Promise<unknown> {
  if (typeof value !== "string" || isUnknown(value) || value.trim() === "") return value;
  const reason = await bundleProblem(value);
  if (reason !== undefined) failures.push({ path: "caBundlePem", reason });
  return `${value.trim()}\n`;
}

/** Comments between the certificates are usual in bundles, and let through. */
async function bundleProblem(pem: string): Promise<string | undefined> {
  // It is no secret, and would be shown.
  if (pem.includes("PRIVATE KEY-----")) return "holds a private key; give certificates alone";
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return "holds no certificate in PEM form";
  const { X509Certificate } = await import("node:crypto");
  const broken = blocks.findIndex((block) => {
    try {
      new X509Certificate(block);
      return false;
    } catch {
      return true;
    }
  });
  return broken < 0 ? undefined : `certificate ${String(broken + 1)} cannot be read`;
}
