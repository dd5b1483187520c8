/** `check` of a `ServiceConfig`: what is wrong with its arguments. Pure. */
import { SECRET_ARGUMENTS } from "../../util/secret-names";
import { failuresOf } from "../arguments/failures";
import { addressProblems } from "../arguments/service";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { isUnknown, markSecrets } from "../engine/wire";
import { type ServiceConfigArguments, serviceConfigSchema } from "./arguments";

export function checkServiceConfig(news: Properties): CheckResult {
  const failures = failuresOf(serviceConfigSchema, news);
  if (failures.length === 0) {
    const args = news as unknown as ServiceConfigArguments;
    failures.push(...addressProblems(args.service, args.verify), ...firstLineProblems(args));
  }
  return { inputs: markSecrets(news, SECRET_ARGUMENTS) as Properties, failures };
}

/** What has to be the first line itself, or knows no comments. */
const FIRST_LINES: readonly {
  readonly isOf: (content: string) => boolean;
  readonly why: string;
}[] = [
  { isOf: (content) => content.startsWith("#!"), why: "a script begins with its #!" },
  { isOf: (content) => /^\s*<[?!]/.test(content), why: "XML has no such comments" },
  { isOf: isJson, why: "JSON has no comments" },
];

function firstLineProblems({ content, commentPrefix }: ServiceConfigArguments): CheckFailure[] {
  if (isUnknown(content) || isUnknown(commentPrefix) || commentPrefix === false) return [];
  const why = FIRST_LINES.find(({ isOf }) => isOf(content))?.why;
  if (why === undefined) return [];
  const reason = `must be false for this content: ${why}, so no line can come before it`;
  return [{ path: "commentPrefix", reason }];
}

function isJson(content: string): boolean {
  if (!/^\s*[[{]/.test(content)) return false;
  try {
    JSON.parse(content);
    return true;
  } catch {
    return false;
  }
}
