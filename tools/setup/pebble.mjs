/** Pebble, the ACME test server, and its DNS server, from their Go module into the cache. */
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "../commands.mjs";
import { cachedTools, inCache, repository } from "./places.mjs";

const version = "v2.10.1";
const programs = ["pebble", "pebble-challtestsrv"];
const modules = programs.map((name) => `github.com/letsencrypt/pebble/v2/cmd/${name}@${version}`);

export const pebble = {
  title: `Building Pebble ${version} and pebble-challtestsrv from their Go module`,
  usually: "25 seconds",
  remedy: `install Go (https://go.dev/dl/), then \`GOBIN=${cachedTools} go install ${modules.join(" ")}\``,
  // A Pebble on the PATH is not asked: Debian's is too old for what the tests need.
  isDone: () => programs.every((name) => inCache(name) !== undefined),
  perform: async () => {
    const unfinished = join(cachedTools, `.pebble.${process.pid}`);
    await mkdir(unfinished, { recursive: true });
    await mustRun("go", ["install", "-trimpath", ...modules], {
      cwd: join(repository, "tools"),
      env: { GOBIN: unfinished },
    });
    for (const name of programs) await rename(join(unfinished, name), join(cachedTools, name));
    await rm(unfinished, { recursive: true });
  },
};
