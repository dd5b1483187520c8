/** What `docs/deployment.md` says was tested was tested: its table is made of what the tests left on record. */
import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";
import { expect, it } from "vitest";

import { DOCUMENT, serviceTable } from "../../support/services/table";

const TABLE = /(?<=<!-- services -->\n\n)[^]*?(?=\n*<!-- \/services -->)/;

it("the table of services is the one of the records (WRITE_SERVICES=true writes it)", async () => {
  const table = (await format(serviceTable(), { parser: "markdown" })).trim();
  const text = await readFile(DOCUMENT, "utf8");
  if (process.env["WRITE_SERVICES"] === "true")
    await writeFile(
      DOCUMENT,
      text.replace(TABLE, () => table),
    );
  expect(TABLE.exec(await readFile(DOCUMENT, "utf8"))?.[0]).toBe(table);
});
