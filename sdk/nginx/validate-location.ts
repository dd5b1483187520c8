/** Whether the locations of a site can be rendered, each by itself and beside the others. Pure. */
import { HTTP01_PREFIX } from "../util/challenge";
import type { NginxLocation, NginxSiteConfig } from "./config";
import type { Findings } from "./findings";
import { absolutePathProblem, proxyPassProblem, readLocationPath, readReturn } from "./values";

export function locationProblems(config: NginxSiteConfig, findings: Findings): void {
  // nginx refuses two locations of the same kind and path.
  const taken = new Map<string, string>();
  if (config.challenge !== undefined) taken.set(HTTP01_PREFIX, "the challenge's location");
  if (config.proxyPass !== undefined) taken.set("/", "the site's proxyPass");
  findings.list("locations", config.locations)?.forEach((location, index) => {
    const at = `locations[${String(index)}]`;
    const given = findings.object(at, location);
    if (given === undefined) return;
    one(given, at, findings);
    const key = findings.knows(given.path) ? identity(given.path) : undefined;
    if (key === undefined) return;
    const other = taken.get(key);
    if (other === undefined) taken.set(key, at);
    else findings.add(`${at}.path`, `is the same location as ${other}`);
  });
}

function one(location: NginxLocation, at: string, findings: Findings): void {
  findings.required(`${at}.path`, location.path);
  findings.text(`${at}.path`, location.path, (value) => {
    const read = readLocationPath(value);
    return "problem" in read ? read.problem : undefined;
  });
  findings.text(`${at}.root`, location.root, absolutePathProblem);
  findings.text(`${at}.proxyPass`, location.proxyPass, (value) =>
    proxyPassProblem(value, takesPath(location.path)),
  );
  findings.text(`${at}.return`, location.return, (value) => {
    const read = readReturn(value);
    return "problem" in read ? read.problem : undefined;
  });
  findings.raw(`${at}.extraConfig`, location.extraConfig);
  findings.websocket(`${at}.`, location);
  const answers = (["root", "proxyPass", "return"] as const).filter(
    (key) => location[key] !== undefined,
  );
  if (answers.length > 1) {
    findings.add(at, `has ${answers.join(" and ")}, which answer the same requests; give one`);
  }
}

/** Whether nginx allows a path behind the address in `proxy_pass`. */
function takesPath(path: unknown): boolean {
  const read = typeof path === "string" ? readLocationPath(path) : undefined;
  return read === undefined || "problem" in read || !/^[~@]/.test(read.modifier);
}

/** What nginx tells locations apart by; regular expressions may repeat. */
function identity(path: unknown): string | undefined {
  const read = typeof path === "string" ? readLocationPath(path) : undefined;
  if (read === undefined || "problem" in read || read.modifier.startsWith("~")) return undefined;
  return read.modifier === "=" ? `= ${read.pattern}` : read.pattern;
}
