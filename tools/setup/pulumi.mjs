/** The Pulumi CLI: one that is installed, else built from its Go module into the cache. */
import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "../commands.mjs";
import { cachedTools, inCache, onPath, repository } from "./places.mjs";

/** The version that tools/pulumi/go.mod names. */
const version = /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(
  readFileSync(join(repository, "tools", "pulumi", "go.mod"), "utf8"),
)?.[1];

export const pulumi = {
  title: `Building the Pulumi CLI ${version} from its Go module`,
  usually: "4 minutes on two cores",
  remedy:
    "install Pulumi (https://www.pulumi.com/docs/install/) so that `pulumi` is on the PATH, or install Go (https://go.dev/dl/) and run this again",
  isDone: () => onPath("pulumi") !== undefined || inCache("pulumi") !== undefined,
  perform: async () => {
    await mkdir(cachedTools, { recursive: true });
    const unfinished = join(cachedTools, `.pulumi.${process.pid}`);
    await mustRun("go", [
      ...["build", "-C", join(repository, "tools", "pulumi"), "-trimpath"],
      // Without the version the CLI has none, and refuses projects that ask for one.
      "-ldflags",
      `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
      ...["-o", unfinished, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
    ]);
    await rename(unfinished, join(cachedTools, "pulumi"));
  },
};

/** What an installed CLI has beside it: a language host (ours is a stand-in) and the dynamic providers' script. */
const companions = {
  "pulumi-language-nodejs": join(repository, "tools", "language-host", "pulumi-language-nodejs"),
  "pulumi-resource-pulumi-nodejs": join(
    repository,
    "node_modules",
    "@pulumi",
    "pulumi",
    "pulumi-resource-pulumi-nodejs",
  ),
};

export const pulumiCompanions = {
  title: "Putting the Node.js language host beside the Pulumi CLI",
  usually: "no time",
  remedy: "install Pulumi (https://www.pulumi.com/docs/install/) so that `pulumi` is on the PATH",
  isDone: () =>
    onPath("pulumi") !== undefined ||
    Object.entries(companions).every(([name, source]) => {
      const target = join(cachedTools, name);
      return existsSync(target) && readFileSync(target).equals(readFileSync(source));
    }),
  perform: async () => {
    for (const [name, source] of Object.entries(companions)) {
      const unfinished = join(cachedTools, `.${name}.${process.pid}`);
      await copyFile(source, unfinished);
      await chmod(unfinished, 0o755);
      await rename(unfinished, join(cachedTools, name));
    }
  },
};
