/** What was checked with which daemon: one small file for each service, from which the table in `docs/deployment.md` is made. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";

export interface ServiceRecord {
  /** `postfix`, or `postfix and dovecot`. */
  readonly service: string;
  /** Name and version of the daemon. */
  readonly daemon: string;
  readonly checked: readonly string[];
}

export const RECORDS = join(__dirname, "../../fixtures/services");

/** What the record says; with `WRITE_SERVICES=true` it is written first. */
export async function recordOf(found: ServiceRecord): Promise<ServiceRecord> {
  const path = join(RECORDS, `${found.service.replaceAll(" ", "-")}.json`);
  if (process.env["WRITE_SERVICES"] === "true") {
    await mkdir(RECORDS, { recursive: true });
    await writeFile(path, await format(JSON.stringify(found), { parser: "json", printWidth: 100 }));
  }
  return JSON.parse(await readFile(path, "utf8")) as ServiceRecord;
}
