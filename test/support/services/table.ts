/** The table of services in `docs/deployment.md`: of the presets, and of what their tests left on record. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { holdsKey } from "../../../sdk/deploy/file-request";
import { type DeploymentService, SERVICES } from "../../../sdk/deploy/services";
import type { Preset } from "../../../sdk/deploy/services/preset";
import { RECORDS, type ServiceRecord } from "./records";

export const DOCUMENT = join(__dirname, "../../../docs/deployment.md");

/** Debian's Exim cannot be installed beside Postfix; the document says that it is not tested. */
const WITHOUT_RECORD: ReadonlySet<string> = new Set<DeploymentService>(["exim"]);

const HEAD = ["`service`", "files", "port, `startTls`", "tested with", "what was checked"];

export function serviceTable(): string {
  const rows = Object.entries(SERVICES).flatMap(([name, preset]) => {
    const record = recordFor(name);
    if (record === undefined) {
      if (WITHOUT_RECORD.has(name)) return [];
      throw new Error(`no test of ${name} has left a record in ${RECORDS}`);
    }
    return [[`\`${name}\``, filesOf(preset), portOf(preset), record.daemon, checkedIn(record)]];
  });
  const lines = [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return lines.join("\n");
}

function recordFor(service: string): ServiceRecord | undefined {
  const file = readdirSync(RECORDS).find((name) => name === `${service}.json`);
  if (file === undefined) return undefined;
  return JSON.parse(readFileSync(join(RECORDS, file), "utf8")) as ServiceRecord;
}

function filesOf({ files }: Preset): string {
  return files
    .map(({ path, content, mode = holdsKey(content) ? "0600" : "0644", group }) => {
      const facts = holdsKey(content) ? ` (${mode}${group === undefined ? "" : `, ${group}`})` : "";
      return `\`${path}\`${facts}`;
    })
    .join(", ");
}

function portOf({ port, startTls }: Preset): string {
  if (port === undefined) return "";
  return `${String(port)}${startTls === undefined ? "" : `, ${startTls}`}`;
}

function checkedIn({ checked }: ServiceRecord): string {
  return checked.join("; ");
}
