/** Packs this package and installs the tarball elsewhere, as a user would. */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory, type TemporaryDirectory } from "../process/temp";
import { toolCache } from "../process/tools";

const run = promisify(execFile);

export const repository = resolve(__dirname, "..", "..", "..");

export interface Tarball {
  readonly path: string;
  /** Paths inside of it. */
  readonly files: readonly string[];
  readonly unpackedBytes: number;
}

/** `npm pack` of the build that is there. */
export async function pack(folder: string): Promise<Tarball> {
  const { stdout } = await run(
    "npm",
    ["pack", "--ignore-scripts", "--json", "--pack-destination", folder],
    { cwd: repository },
  );
  const [packed] = JSON.parse(stdout) as {
    filename: string;
    unpackedSize: number;
    files: { path: string }[];
  }[];
  if (packed === undefined) throw new Error(`npm pack said: ${stdout}`);
  return {
    path: join(folder, packed.filename),
    files: packed.files.map(({ path }) => path).sort(),
    unpackedBytes: packed.unpackedSize,
  };
}

/** A folder of somebody's who uses the package. */
export interface Consumer {
  readonly directory: string;
  /** Writes a file and runs it by Node; gives what it prints. */
  node(file: string, text: string): Promise<string>;
  /** Writes a TypeScript file and checks it with one of the compilers; gives the errors. */
  compile(compiler: string, options: Record<string, unknown>, text: string): Promise<string>;
  remove(): Promise<void>;
}

/** What a program needs beside the package; versions are those that this repository is developed with. */
async function programDependencies(): Promise<Record<string, string>> {
  const { devDependencies } = JSON.parse(
    await readFile(join(repository, "package.json"), "utf8"),
  ) as { devDependencies: Record<string, string> };
  const pinned = (name: string): Record<string, string> => ({
    [name]: devDependencies[name] ?? "",
  });
  return { ...pinned("@pulumi/pulumi"), ...pinned("typescript"), ...pinned("@types/node") };
}

export async function installWithNpm(tarball: Tarball): Promise<Consumer> {
  const folder = await temporaryDirectory("npm-");
  const dependencies = {
    ...(await programDependencies()),
    "typescript-4.7": "npm:typescript@4.7.4",
    "pulumi-acme": `file:${tarball.path}`,
  };
  await writeFile(
    join(folder.path, "package.json"),
    JSON.stringify({ private: true, dependencies }),
  );
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: folder.path,
  });
  return consumer(folder);
}

/** pnpm's layout: a program sees what it depends on itself, and nothing else. */
export async function installWithPnpm(tarball: Tarball): Promise<Consumer> {
  const folder = await temporaryDirectory("pnpm-");
  const dependencies = {
    ...(await programDependencies()),
    "pulumi-acme": `file:${tarball.path}`,
  };
  await writeFile(
    join(folder.path, "package.json"),
    JSON.stringify({ private: true, dependencies }),
  );
  await run(
    process.execPath,
    [
      join(repository, "node_modules", "pnpm", "bin", "pnpm.cjs"),
      ...["install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile"],
      ...["--store-dir", join(toolCache, "pnpm-store")],
    ],
    { cwd: folder.path, env: { ...process.env, CI: "true" } },
  );
  return consumer(folder);
}

function consumer(folder: TemporaryDirectory): Consumer {
  const directory = folder.path;
  return {
    directory,
    node: async (file, text) => {
      await writeFile(join(directory, file), text);
      // No NODE_OPTIONS and the like of the test runner.
      const env = { PATH: process.env["PATH"] ?? "" };
      return (await run(process.execPath, [file], { cwd: directory, env })).stdout;
    },
    compile: async (compiler, options, text) => {
      const sources = join(directory, "src");
      await mkdir(sources, { recursive: true });
      await writeFile(join(sources, "index.ts"), text);
      const config = join(directory, "tsconfig.json");
      const compilerOptions = { strict: true, noEmit: true, types: ["node"], ...options };
      await writeFile(config, JSON.stringify({ compilerOptions, files: ["src/index.ts"] }));
      const tsc = join(directory, "node_modules", compiler, "bin", "tsc");
      return run(process.execPath, [tsc, "-p", config], { cwd: directory }).then(
        () => "",
        (error: unknown) => (error as { stdout: string }).stdout,
      );
    },
    remove: () => folder.remove(),
  };
}
