/** What the documents say is so: every code block compiles, every command exists, every link leads somewhere. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { anchors, codeBlocks, linkTargets } from "./support/source/markdown";

const repository = resolve(__dirname, "..");

/** Every Markdown file that is ours, but the API report, which another check keeps. */
const documents = ["", "docs", "examples", "templates"]
  .flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: folder !== "", encoding: "utf8" }).map(
      (path) => join(folder, path),
    ),
  )
  .filter(
    (path) => path.endsWith(".md") && !path.endsWith(".api.md") && !path.includes("node_modules"),
  )
  .sort();

const read = (path: string): string => readFileSync(join(repository, path), "utf8");

/** A piece of a document's code at its place in the program that is made of it. */
interface Program {
  readonly file: string;
  text: string;
  /** Line of the program, from 0 → line of the document. */
  readonly lines: number[];
}

/**
 * A block with an `import` starts a program; those that follow without one continue it, each in a scope of its own, so
 * that it may use the names of the first.
 */
function programsOf(document: string): Program[] {
  const programs: Program[] = [];
  for (const block of codeBlocks(read(document))) {
    if (!["ts", "typescript"].includes(block.language)) continue;
    const last = programs.at(-1);
    const standsAlone = /^import\s/m.test(block.text) || last === undefined;
    const program = standsAlone
      ? {
          file: join(
            repository,
            "docs",
            `${document.replaceAll(/\W/g, "-")}.${String(programs.length)}.ts`,
          ),
          text: "export {};\n",
          lines: [block.line],
        }
      : last;
    if (standsAlone) programs.push(program);
    const text = standsAlone ? block.text : `{\n${block.text}\n}`;
    const first = standsAlone ? block.line : block.line - 1;
    program.text += `${text}\n`;
    program.lines.push(...text.split("\n").map((_, index) => first + index));
  }
  return programs;
}

/** What the compiler says about the programs: `README.md:12: …`. */
function compile(programs: ReadonlyMap<string, { document: string; program: Program }>): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(repository, "tsconfig.json"),
    // Examples may name things that they do not go on to use.
    { noUnusedLocals: false, noUnusedParameters: false, noEmit: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  const options = config?.options ?? {};
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (path) => programs.get(resolve(path))?.program.text ?? readFile(path);
  host.fileExists = (path) => programs.has(resolve(path)) || fileExists(path);
  host.getSourceFile = (path, version) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, version, true);
  };
  const compiler = ts.createProgram([...programs.keys()], options, host);
  return [...programs].flatMap(([path, { document, program }]) => {
    const source = compiler.getSourceFile(path);
    return [
      ...compiler.getSyntacticDiagnostics(source),
      ...compiler.getSemanticDiagnostics(source),
    ].map(({ messageText, start = 0, file }) => {
      const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
      const text = ts.flattenDiagnosticMessageText(messageText, " ");
      return `${document}:${String(program.lines[line] ?? 0)}: ${text}`;
    });
  });
}

describe("the documents", () => {
  it("have TypeScript that compiles", { timeout: 120_000 }, () => {
    const programs = new Map(
      documents.flatMap((document) =>
        programsOf(document).map((program) => [program.file, { document, program }] as const),
      ),
    );
    expect(programs.size).toBeGreaterThan(0);
    expect(compile(programs)).toEqual([]);
  });

  it("have JSON that parses", () => {
    for (const document of documents) {
      for (const { language, text, line } of codeBlocks(read(document))) {
        if (language !== "json") continue;
        expect(() => JSON.parse(text) as unknown, `${document}:${String(line)}`).not.toThrow();
      }
    }
  });

  it("name only scripts of package.json", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const builtIn = ["ci", "install", "pack", "i", "view", "publish", "version"];
    const unknown = documents.flatMap((document) =>
      [...read(document).matchAll(/\bnpm (?:run )?([a-z][a-z:-]*)/g)]
        .map(([, name = ""]) => name)
        .filter((name) => !(name in scripts) && !builtIn.includes(name) && name !== "run")
        .map((name) => `${document}: npm ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it("have links that lead somewhere", () => {
    const broken = documents.flatMap((document) =>
      linkTargets(read(document))
        .filter((target) => !/^[a-z]+:/.test(target) && !leads(document, target))
        .map((target) => `${document}: ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

function leads(document: string, target: string): boolean {
  const [path = "", anchor] = decodeURIComponent(target).split("#");
  const file = path === "" ? document : relative("", join(dirname(document), path));
  if (!existsSync(join(repository, file))) return false;
  return anchor === undefined || !file.endsWith(".md") || anchors(read(file)).has(anchor);
}
