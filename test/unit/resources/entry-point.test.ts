import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import ts from "typescript";
import { describe, expect, it } from "vitest";

const SDK = resolve(__dirname, "../../../sdk");
const ENTRY = join(SDK, "index.ts");

/** Every module that runs when `file` is loaded: ours by path, others by name. Type imports load nothing. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022);
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const specifier = statement.moduleSpecifier;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) continue;
    const typeOnly = ts.isExportDeclaration(statement)
      ? statement.isTypeOnly
      : statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    if (typeOnly) continue;
    if (specifier.text.startsWith(".")) {
      const path = resolve(dirname(file), specifier.text);
      loadedBy(existsSync(`${path}.ts`) ? `${path}.ts` : join(path, "index.ts"), seen);
    } else {
      seen.add(specifier.text);
    }
  }
  return seen;
}

describe('require("pulumi-acme")', () => {
  it("loads the classes, and nothing of what they do", () => {
    const loaded = [...loadedBy(ENTRY)];
    const packages = loaded.filter((name) => !name.startsWith(SDK)).sort();
    const folders = new Set(
      loaded.filter((name) => name.startsWith(SDK)).map((name) => dirname(relative(SDK, name))),
    );

    expect(packages).toEqual([
      "@pulumi/pulumi",
      ...["node:crypto", "node:module", "node:net", "node:path", "node:url"],
    ]);
    expect([...folders].sort()).toEqual([
      ".",
      "challenges/dns-persist-01",
      "components",
      "resources",
      "util",
    ]);
  });
});

describe("the declarations of the entry point", () => {
  it("can be read by TypeScript 3.8, which Pulumi brings for programs without a compiler of their own", async () => {
    const old =
      (await import("@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js")) as unknown as {
        default: OldTypeScript;
      };
    const declarations = emitDeclarations();

    expect(declarations.size).toBeGreaterThan(5);
    for (const [file, text] of declarations) {
      const { parseDiagnostics } = old.default.createSourceFile(file, text, 99);
      const problems = parseDiagnostics.map(({ messageText, start }) => {
        const line = text.slice(0, start).split("\n").length;
        return `${relative(SDK, file)}:${String(line)}: ${String(messageText)}`;
      });
      expect(problems).toEqual([]);
    }
  });
});

interface OldTypeScript {
  createSourceFile(
    name: string,
    text: string,
    target: number,
  ): { parseDiagnostics: { messageText: unknown; start: number }[] };
}

/** The declaration files that a program which imports the entry point reads. */
function emitDeclarations(): Map<string, string> {
  const emitted = new Map<string, string>();
  const program = ts.createProgram([ENTRY], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node20,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    strict: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    types: ["node"],
  });
  program.emit(undefined, (file, text) => emitted.set(file, text));
  return emitted;
}
