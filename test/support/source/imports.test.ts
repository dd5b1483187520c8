/** The reading of import lines, on which the dependency rule rests. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { circlesIn, loadedWith, packageOf, readImports } from "./imports";
import { temporaryDirectory } from "../process/temp";

async function importsOf(files: Record<string, string>): Promise<ReturnType<typeof readImports>> {
  await using folder = await temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder.path, path, ".."), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return readImports(folder.path);
}

describe("imports", () => {
  it("are found in every form, and told apart", async () => {
    const [file] = await importsOf({
      "a.ts": `
        import "effect";
        import { value, type Type } from "mixed";
        import { type Only } from "only";
        import type { Erased } from "erased";
        export { again } from "again";
        export type { Shape } from "shape";
        const late = () => import("late");
        const old = () => require("old");
      `,
    });
    expect(file?.imports).toEqual([
      { specifier: "effect", typeOnly: false, dynamic: false },
      { specifier: "mixed", typeOnly: false, dynamic: false },
      { specifier: "only", typeOnly: true, dynamic: false },
      { specifier: "erased", typeOnly: true, dynamic: false },
      { specifier: "again", typeOnly: false, dynamic: false },
      { specifier: "shape", typeOnly: true, dynamic: false },
      { specifier: "late", typeOnly: false, dynamic: true },
      { specifier: "old", typeOnly: false, dynamic: true },
    ]);
  });

  it("lead to files, also to a folder's index and to one that is missing", async () => {
    const files = await importsOf({
      "index.ts": "",
      "a/x.ts": `import "../b/y"; import "../b"; import ".."; import("../b/index.js"); import "./gone";`,
      "b/index.ts": "",
      "b/y.ts": "",
    });
    const targets = files.find(({ path }) => path === "a/x.ts")?.imports.map(({ file }) => file);
    expect(targets).toEqual(["b/y.ts", "b/index.ts", "index.ts", "b/index.ts", "a/gone"]);
  });

  it("load what they import as values, at once and further on", async () => {
    const files = await importsOf({
      "index.ts": `import { a } from "./a"; import type { B } from "./b"; import("./c.js");`,
      "a.ts": `import "heavy";`,
      "b.ts": `import "types-only";`,
      "c.ts": `import "later";`,
    });
    expect([...loadedWith("index.ts", files)]).toEqual(["index.ts", "a.ts", "heavy"]);
  });

  it("make circles, by types and by what is loaded later, too", async () => {
    const files = await importsOf({
      "a.ts": `import type { B } from "./b"; import "./far";`,
      "b.ts": `const late = () => import("./c.js");`,
      "c.ts": `import "./a";`,
      "far.ts": `import "./end";`,
      "end.ts": "",
      "x.ts": `import "./y"; import "./a";`,
      "y.ts": `import "./x"; import "./end";`,
    });
    expect(circlesIn(files)).toEqual([
      ["a.ts", "b.ts", "c.ts"],
      ["x.ts", "y.ts"],
    ]);
  });

  it("belong to packages", () => {
    expect(
      ["jose", "valibot/sub", "@peculiar/x509", "@pulumi/pulumi/proto/x"].map(packageOf),
    ).toEqual(["jose", "valibot", "@peculiar/x509", "@pulumi/pulumi"]);
  });
});
