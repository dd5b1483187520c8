/** Programs that the engine takes for the plugins of other providers. */
import { readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

/**
 * Writes `pulumi-resource-<provider>` for each of `providers` into `folder`.
 *
 * @param source - a file beside this one
 */
export async function writePlugins(
  folder: string,
  providers: readonly string[],
  source: string,
): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(join(__dirname, source), "utf8"), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  for (const provider of providers) {
    const executable = join(folder, `pulumi-resource-${provider}`);
    await writeFile(executable, `#!/usr/bin/env node\n${outputText}`, { mode: 0o755 });
  }
}

/** Lets the programs in `folder` find the packages that they import. */
export async function linkPackages(folder: string): Promise<void> {
  const pulumi = createRequire(__filename).resolve("@pulumi/pulumi/package.json");
  await symlink(dirname(dirname(dirname(pulumi))), join(folder, "node_modules"));
}
