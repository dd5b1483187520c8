/** What the files of a folder import, read from their text. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

export interface Import {
  /** As it is written: `"../util/errors"`, `"jose"`, `"../acme/index.js"`. */
  readonly specifier: string;
  /** Erased by the compiler: `import type`, or only types in the braces. */
  readonly typeOnly: boolean;
  /** `await import(…)`: loaded when called. */
  readonly dynamic: boolean;
  /** A file of the same folder tree, relative to its root: `util/errors.ts`; absent for packages. */
  readonly file?: string;
}

export interface SourceFile {
  /** Relative to the root: `acme/jws.ts`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

/** All TypeScript files below `root` with their imports. */
export function readImports(root: string): SourceFile[] {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .sort();
  const known = new Set(paths);
  return paths.map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const imports = importsOf(source).map((each) => {
      const file = resolve(path, each.specifier, known);
      return file === undefined ? each : { ...each, file };
    });
    return { path, lines: text.split("\n").length - 1, imports };
  });
}

/** The packages and files that are loaded together with `start`, by static imports of values alone. */
export function loadedWith(start: string, files: readonly SourceFile[]): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { specifier, typeOnly, dynamic, file } of byPath.get(path)?.imports ?? []) {
      if (typeOnly || dynamic) continue;
      if (file === undefined) loaded.add(specifier);
      else visit(file);
    }
  };
  visit(start);
  return loaded;
}

/** Groups of files that import each other in a circle, each sorted: the strongly connected components (Tarjan). */
export function circlesIn(files: readonly SourceFile[]): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (path: string): number => {
    const number = order.size;
    order.set(path, number);
    lowest.set(path, number);
    stack.push(path);
    for (const { file } of byPath.get(path)?.imports ?? []) {
      if (file === undefined) continue;
      const reached = order.has(file)
        ? stack.includes(file)
          ? order.get(file)
          : number
        : visit(file);
      lowest.set(path, Math.min(lowest.get(path) ?? number, reached ?? number));
    }
    if (lowest.get(path) === number) {
      const group = stack.splice(stack.indexOf(path));
      if (group.length > 1) circles.push(group.sort());
    }
    return lowest.get(path) ?? number;
  };
  for (const { path } of files) if (!order.has(path)) visit(path);
  return circles.sort();
}

/** `@peculiar/x509/sub` → `@peculiar/x509`, `jose` → `jose`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const typeOnly = isTypeOnly(node.importClause);
      found.push({ specifier: node.moduleSpecifier.text, typeOnly, dynamic: false });
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      found.push({
        specifier: node.moduleSpecifier.text,
        typeOnly: node.isTypeOnly,
        dynamic: false,
      });
    } else if (ts.isCallExpression(node) && loads(node)) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteral(argument)) {
        found.push({ specifier: argument.text, typeOnly: false, dynamic: true });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import(…)` and `require(…)`. */
function loads({ expression }: ts.CallExpression): boolean {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === "require")
  );
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false; // for its effects
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = normalize(join(dirname(from), specifier)).replace(/\.js$/, "");
  // `..` from a folder right below the root
  if (path === ".") return "index.ts";
  return [`${path}.ts`, `${path}/index.ts`].find((candidate) => known.has(candidate)) ?? path;
}
