/** The site's pages, from the documents of the repository: each at its place, so that links between them stay as they are. */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { repository } from "../setup/places.mjs";

const folders = ["docs", "examples", "templates"];
const alone = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"];
/** The API report is for reviews; the site has a reference. */
const leftOut = /(^|\/)(node_modules|Pulumi\..+\.yaml|.*\.api\.md)(\/|$)/;

/** @param {string} target - a folder that is made */
export async function collectPages(target) {
  for (const path of await documents()) {
    const from = join(repository, path);
    if (extname(nameOf(path)) === ".md") {
      const text = asPage(await readFile(from, "utf8"));
      await place(join(target, nameOf(path)), (to) => writeFile(to, text));
    } else {
      // Pictures are beside the pages, programs that pages link to among the files that are taken over as they are.
      const folder = path.startsWith("docs/") ? target : join(target, "public");
      await place(join(folder, path), (to) => copyFile(from, to));
    }
  }
  await place(join(target, ".vitepress", "config.mjs"), (to) =>
    copyFile(join(repository, "tools", "site", "config.mjs"), to),
  );
}

async function documents() {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(repository, folder), {
        recursive: true,
        withFileTypes: true,
      });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(repository.length + 1));
    }),
  );
  return [...alone, ...found.flat()].filter((path) => !leftOut.test(path));
}

/** A README is the page of its folder; the license has no ending of its own. */
function nameOf(path) {
  return path.replace(/(^|\/)README\.md$/, "$1index.md").replace(/(^|\/)LICENSE$/, "$1LICENSE.md");
}

function asPage(text) {
  return text.replaceAll(
    /\]\(([^):\s#]+)(#[^)]*)?\)/g,
    (_, path, anchor = "") => `](${nameOf(path)}${anchor})`,
  );
}

async function place(path, write) {
  await mkdir(dirname(path), { recursive: true });
  await write(path);
}
