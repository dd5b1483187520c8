/** The checks of `npm test` besides the tests: each a command that says yes or no. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isCi, onPath, repository } from "./setup/places.mjs";

const bin = (name) => join(repository, "node_modules", ".bin", name);

/**
 * @typedef {{ name: string, what: string, command: string[], remedy?: string }} Check
 */

/**
 * Of the sources.
 *
 * @returns {Check[]}
 */
export const sourceChecks = () => [
  { name: "format", what: "prettier", command: [bin("prettier"), "--check", "."] },
  { name: "types", what: "tsc", command: [bin("tsc"), "-p", "tsconfig.json"] },
  { name: "types of tools", what: "tsc", command: [bin("tsc"), "-p", "tools"] },
  { name: "lint", what: "eslint", command: [bin("eslint"), ".", "--max-warnings", "0"] },
  { name: "dead code", what: "knip", command: [bin("knip"), "--no-progress"] },
  // Outside of CI a tool may be missing; then its absence has been told.
  ...(isCi || onPath("shellcheck") !== undefined
    ? [
        {
          name: "shell",
          what: "shellcheck",
          command: ["shellcheck", "--severity=warning", ...shellScripts()],
        },
      ]
    : []),
];

/**
 * Of the build.
 *
 * @param {string} tarball - the packed package
 * @returns {Check[]}
 */
export const packageChecks = (tarball) => [
  {
    name: "public API",
    what: "api-extractor against docs/pulumi-acme.api.md",
    command: [bin("api-extractor"), "run"],
    remedy: "Where the change is meant: `npm run api`, and review docs/pulumi-acme.api.md.",
  },
  { name: "manifest", what: "publint", command: [bin("publint"), tarball, "--strict"] },
  { name: "type resolution", what: "attw", command: [bin("attw"), tarball] },
];

/** What runs on hosts, and the examples' hooks. */
function shellScripts() {
  return ["sdk", "examples"].flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".sh") && !path.includes("node_modules"))
      .map((path) => join(repository, folder, path)),
  );
}
