/** Whether the handlers are found from a program's folder. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { expect, it } from "vitest";

import { canFindHandlers, requireFindableHandlers } from "../../../sdk/resources/find-provider";
import { temporaryDirectory } from "../../support/process/temp";

it("the handlers are found where the program's own folder, or one above it, has the package", async () => {
  const folder = await temporaryDirectory("find-provider-");
  try {
    const program = join(folder.path, "workspace", "program");
    await mkdir(program, { recursive: true });
    expect(canFindHandlers(program)).toBe(false);
    for (const owner of [
      join(program, "node_modules", "library"),
      join(folder.path, "workspace"),
    ]) {
      const at = join(owner, "node_modules", "pulumi-acme");
      await mkdir(at, { recursive: true });
      await writeFile(join(at, "package.json"), '{ "exports": { "./provider": "./provider.js" } }');
      await writeFile(join(at, "provider.js"), "");
      expect(canFindHandlers(program)).toBe(owner.endsWith("workspace"));
    }
  } finally {
    await folder.remove();
  }
});

it("a unit test of a program, which Pulumi does not run, is not refused", () => {
  expect(canFindHandlers(resolve("/"))).toBe(false);
  expect(requireFindableHandlers).not.toThrow();
});
