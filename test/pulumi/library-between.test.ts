/** A program that has this package by a library alone: Pulumi looks for handlers from the program's folder (pnpm/pnpm#1963). */
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createStack, type Stack } from "../support/engine/pulumi";

describe("a program that imports the package by a library between", () => {
  let stack: Stack;
  const modules = (...path: string[]): string => join(stack.directory, "node_modules", ...path);

  beforeAll(async () => {
    stack = await createStack(`
      import { site } from "library";
      site("site");
    `);
    // As pnpm lays a workspace: only who names a package sees it.
    await mkdir(modules("library", "node_modules"), { recursive: true });
    await rename(modules("pulumi-acme"), modules("library", "node_modules", "pulumi-acme"));
    await writeFile(
      modules("library", "index.js"),
      `const acme = require("pulumi-acme");
       exports.site = (name) => new acme.NginxSite(name, { connection: "local", serverNames: ["_"], configFile: "/nowhere/site.conf" });`,
    );
  });
  afterAll(() => stack.stop());

  it("is told to name it among its own dependencies, once and without a stack trace", async () => {
    const { diagnostics } = await stack.preview({ expectFailure: true });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const said = errors.map(({ message }) => message).join("\n");
    expect(said).toContain(
      "add pulumi-acme to the dependencies in the package.json of the program",
    );
    expect(said).not.toMatch(/^\s+at /m);
  });

  it("works when it does", async () => {
    await symlink(join("library", "node_modules", "pulumi-acme"), modules("pulumi-acme"));
    const { steps } = await stack.preview();
    expect(steps.map(({ name, op }) => [name, op])).toContainEqual(["site", "create"]);
  });
});
