/**
 * `node tools/release.mjs --tag v1.2.3`: publishes to npm, and makes a release of it at GitHub.
 *
 * With `--dry-run` nothing leaves this machine: everything is checked, and the files of the release lie in `.release/`.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./commands.mjs";
import { build } from "./setup/build.mjs";
import { repository } from "./setup/places.mjs";
import { setUp } from "./setup/setup.mjs";

const { values } = parseArgs({
  options: { tag: { type: "string" }, "dry-run": { type: "boolean", default: false } },
});
const isDryRun = values["dry-run"];
const folder = join(repository, ".release");
const { name, version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
const tag = values.tag ?? `v${version}`;

const notes = await notesOf(version);
if (tag !== `v${version}`) fail(`the tag is ${tag}, package.json has ${version}`);
await rm(folder, { recursive: true, force: true });
await mkdir(folder);
await writeFile(join(folder, "notes.md"), notes);
await setUp([build]);
// The tarball that is checked here is the one that is published.
const [tarball] = JSON.parse(
  await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]),
);
const sbom = await run("npm", ["sbom", "--omit", "dev", "--sbom-format", "cyclonedx"]);
await writeFile(join(folder, "sbom.cdx.json"), sbom);
const files = [join(folder, tarball.filename), join(folder, "sbom.cdx.json")];
console.log(`${name} ${version}: ${tarball.entryCount} files, ${tarball.size} bytes`);
if (!isDryRun) {
  await run("npm", ["publish", files[0], "--provenance", "--access", "public"]);
  await run("gh", ["release", "create", tag, "--notes-file", join(folder, "notes.md"), ...files]);
}

/** What CHANGELOG.md says of a version; a release has a date. */
async function notesOf(wanted) {
  const sections = (await readFile(join(repository, "CHANGELOG.md"), "utf8")).split(/^## /m);
  const section = sections.find((text) => /^\S+(?=,)/.exec(text)?.[0] === wanted) ?? "";
  const [title = "", ...lines] = section.split("\n");
  if (title === "") fail(`CHANGELOG.md has no section "## ${wanted}, <date>"`);
  if (!isDryRun && !/\d{4}-\d{2}-\d{2}$/.test(title)) fail(`CHANGELOG.md: "${title}" has no date`);
  return lines.join("\n").trim();
}

async function run(command, args) {
  const { code, output } = await runCommand(command, args);
  if (code !== 0) fail(`${command} ${args[0]} ended with ${code}:\n${output}`);
  return output;
}

function fail(problem) {
  console.error(`release: ${problem}`);
  process.exit(1);
}
