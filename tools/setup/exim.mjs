/** Exim, which Debian does not install beside Postfix: unpacked into the cache, with its libraries and its user. */
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, runCommand } from "../commands.mjs";
import { installDebianPackages } from "./debian.mjs";
import { cachedTools, inCache, onPath } from "./places.mjs";

const name = "exim4";
const debianPackage = "exim4-daemon-light";
const libraries = ["libgnutls-dane0", "libidn12", "libnsl2"];
/** Exim is compiled with the name of its user, and does not start without it. */
const user = "Debian-exim";

export const exim = {
  title: `Unpacking ${debianPackage}, which excludes Postfix`,
  usually: "5 seconds",
  remedy: `put an exim4 at ${join(cachedTools, name)}, and create the user ${user}`,
  isDone: async () => {
    const path = onPath(name) ?? inCache(name);
    return path !== undefined && (await runCommand(path, ["-C", "/dev/null", "-bV"])).code === 0;
  },
  perform: async () => {
    await installDebianPackages(libraries);
    await mkdir(cachedTools, { recursive: true });
    const unfinished = await mkdtemp(join(cachedTools, ".exim."));
    try {
      await download(unfinished);
      const [file = ""] = await readdir(unfinished);
      await mustRun("dpkg-deb", ["--extract", join(unfinished, file), unfinished]);
      // Debian's is setuid.
      await chmod(join(unfinished, "usr/sbin", name), 0o755);
      await rename(join(unfinished, "usr/sbin", name), join(cachedTools, name));
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    const { code } = await runCommand("getent", ["passwd", user]);
    if (code !== 0)
      await mustRun("useradd", ["--system", "--user-group", "--no-create-home", user]);
  },
};

async function download(cwd) {
  const args = ["download", debianPackage];
  if ((await runCommand("apt-get", args, { cwd })).code === 0) return;
  // Package lists that are missing or old.
  await mustRun("apt-get", ["update"]);
  await mustRun("apt-get", args, { cwd });
}
