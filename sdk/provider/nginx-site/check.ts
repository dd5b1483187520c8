/**
 * `check` of an `NginxSite`: what is wrong with its arguments, and the arguments in their normal form. Pure.
 *
 * Shapes and unknown keys are the schema's matter; what nginx can be given is decided where it is written.
 */
import type { NginxSiteConfig } from "../../nginx/config";
import { defaultConfigFile, defaultStreamFile } from "../../nginx/config-file";
import { siteProblems } from "../../nginx/validate";
import { absolutePathProblem, normalizeServerName } from "../../nginx/values";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { failuresOf } from "../arguments/failures";
import { SECRET_ARGUMENTS } from "../../util/secret-names";
import { hasUnknown, isRecord, isUnknown, markSecrets } from "../engine/wire";
import { nginxSiteSchema } from "./arguments";

export function checkNginxSite(news: Properties): CheckResult {
  const failures = failuresOf(nginxSiteSchema, news);
  if (failures.length === 0) failures.push(...mismatches(news));
  const serverNames = normalizeNames(news["serverNames"]);
  const configFile = news["configFile"] ?? fileFor(serverNames, news["listen"], news["stream"]);
  const inputs = markSecrets({ ...news, serverNames, configFile }, SECRET_ARGUMENTS) as Properties;
  return { inputs, failures };
}

/** Of arguments whose shape is right, as far as they are known. */
function mismatches(news: Properties): CheckFailure[] {
  const known = (value: unknown): boolean => !hasUnknown(value);
  const failures: CheckFailure[] = [...siteProblems(news as unknown as NginxSiteConfig, isKnown)];
  const { configFile } = news;
  if (typeof configFile === "string" && known(configFile)) {
    const problem = absolutePathProblem(configFile) ?? plainPathProblem(configFile);
    if (problem !== undefined) failures.push({ path: "configFile", reason: problem });
  }
  return failures;
}

/** Containers count as known: what stands in them is looked at piece by piece. */
function isKnown(value: unknown): boolean {
  return !isUnknown(value);
}

function plainPathProblem(path: string): string | undefined {
  return path.split("/").some((part, index) => index > 0 && /^\.{0,2}$/.test(part))
    ? "must be the path of a file, without . and .. and without doubled slashes"
    : undefined;
}

/** In their order: the first one names the file. */
function normalizeNames(names: unknown): unknown {
  if (!Array.isArray(names)) return names;
  const items = names.map((name: unknown) => {
    if (typeof name !== "string" || isUnknown(name)) return name;
    const normalized = normalizeServerName(name);
    return "value" in normalized ? normalized.value : name;
  });
  return hasUnknown(items) ? items : [...new Set(items)];
}

/** Decided here and not when the file is written, so that it is known in preview. */
function fileFor(names: unknown, listen: unknown, stream: unknown): unknown {
  const first: unknown = Array.isArray(names) ? names[0] : names;
  const http: unknown = isRecord(listen) ? listen["http"] : listen;
  const unknown = [first, http, stream].find(isUnknown);
  if (unknown !== undefined) return unknown;
  if (typeof first === "string" && stream !== undefined) return defaultStreamFile(first);
  return typeof first === "string" ? defaultConfigFile(first, http === false) : undefined;
}
