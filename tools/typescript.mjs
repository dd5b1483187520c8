/** Loads TypeScript files without a compilation beforehand: their types are left out here, and checked by `npm run typecheck`. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** @param {string} path - relative to `tools/`; the npm packages have to be installed by now */
export function loadTypeScript(path) {
  const ts = load("typescript");
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
  };
  load.extensions[".ts"] = (/** @type {any} */ module, fileName) => {
    const source = readFileSync(fileName, "utf8");
    module._compile(ts.transpileModule(source, { fileName, compilerOptions }).outputText, fileName);
  };
  return load(path);
}
