import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores(["dist*/", "coverage/", "temp/", ".cache/", ".test/", ".quickstart/"]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "no-duplicate-imports": ["error", { allowSeparateTypeImports: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  {
    // A `describe` is one long function, and a test may hold its scenario in one piece. Servers of tests are objects of
    // closures, whose methods may be taken from them.
    files: ["test/**", "bench/**"],
    rules: { "max-lines-per-function": "off", "@typescript-eslint/unbound-method": "off" },
  },
  {
    // Their declarations are read by TypeScript 3.8 in users' programs, which does not know `import { type X }`.
    files: ["sdk/index.ts", "sdk/resources/**", "sdk/components/**"],
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports" },
      ],
    },
  },
  {
    files: ["sdk/cli/**", "bench/**", "examples/**", "templates/**", "tools/**"],
    rules: { "no-console": "off" },
  },
  {
    // Not part of the program that the compiler checks, and run without being compiled.
    files: ["**/*.mjs", "**/*.cjs", "**/*.js", "tools/language-host/*"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
        fetch: "readonly",
        Buffer: "readonly",
        URL: "readonly",
        require: "readonly",
        module: "readonly",
        exports: "writable",
        AbortSignal: "readonly",
        AbortController: "readonly",
        performance: "readonly",
      },
    },
    rules: {
      "@typescript-eslint/no-require-imports": "off",
      "max-lines-per-function": "off",
      "no-console": "off",
    },
  },
);
