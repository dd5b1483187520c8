/** The table of services in `docs/deployment.md`: of the presets, and of what their tests left on record. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { holdsKey } from "../../../sdk/deploy/file-request";
import { SERVICES } from "../../../sdk/deploy/services";
import type { Preset } from "../../../sdk/deploy/services/preset";
import { RECORDS, type ServiceRecord } from "./records";

export const DOCUMENT = join(__dirname, "../../../docs/deployment.md");

const HEAD = ["`service`", "files", "port, `startTls`", "tested with", "what was checked"];

export function serviceTable(): string {
  const rows = Object.entries(SERVICES).map(([name, preset]) => {
    const record = recordFor(name);
    return [`\`${name}\``, filesOf(preset), portOf(preset), record.daemon, checkedIn(record)];
  });
  const lines = [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return lines.join("\n");
}

function recordFor(service: string): ServiceRecord {
  return JSON.parse(readFileSync(join(RECORDS, `${service}.json`), "utf8")) as ServiceRecord;
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
