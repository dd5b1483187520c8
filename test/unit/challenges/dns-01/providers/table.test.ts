/** The services and arguments in `docs/solvers.md` are those of the schemas. */
import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";
import { expect, it } from "vitest";

import { DNS_PROVIDERS } from "../../../../../sdk/challenges/dns-01/providers";
import { DOCUMENT, dnsServiceTable } from "../../../../support/dns/services/table";

const TABLE = /(?<=<!-- dns-services -->\n\n)[^]*?(?=\n*<!-- \/dns-services -->)/;

it("the table of DNS services is the one of the schemas (WRITE_DOCS=true writes it)", async () => {
  const table = (await format(dnsServiceTable(), { parser: "markdown" })).trim();
  const text = await readFile(DOCUMENT, "utf8");
  if (process.env["WRITE_DOCS"] === "true") {
    await writeFile(
      DOCUMENT,
      text.replace(TABLE, () => table),
    );
  }
  const written = await readFile(DOCUMENT, "utf8");
  expect(TABLE.exec(written)?.[0]).toBe(table);
  const described = Object.keys(DNS_PROVIDERS).filter(
    (name) => written.includes(`| \`${name}\` `) || written.includes(`**\`${name}\`**`),
  );
  expect(described).toEqual(Object.keys(DNS_PROVIDERS));
});
