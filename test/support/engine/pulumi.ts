/** A stack on the real Pulumi engine, with a backend, a home and a project of its own in a temporary folder. */
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import ts from "typescript";
import { readEvents } from "./pulumi-events";
import { PulumiError, startCli, type CliRun, type PulumiResult } from "./pulumi-cli";
import { killAll, processesWithEnvironment } from "../process/process-tree";
import { temporaryDirectory } from "../process/temp";
import { isBuiltHere, toolCache, toolPath } from "../process/tool-paths";

export type { PulumiResult } from "./pulumi-cli";
export type { Diagnostic, Step } from "./pulumi-events";

export interface StackOptions {
  /** Project and stack are called `test` and `dev` unless said otherwise. */
  readonly project?: string;
  readonly stack?: string;
  /** Configuration; a value in an object is secret: `{ secret: "…" }`. */
  readonly config?: Readonly<Record<string, string | { readonly secret: string }>>;
  /** More files of the project: path → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Environment of every command. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder with plugins of other providers: executables named `pulumi-resource-…`. */
  readonly plugins?: string;
  /** The checkout whose build and packages the program uses; default: this one. */
  readonly checkout?: string;
  /** Packages that the program may import, besides `pulumi-acme`, `@pulumi/*` and `typescript`. */
  readonly packages?: readonly string[];
}

export interface RunOptions {
  /** The command must fail; its failing is not thrown. Default: it must not. */
  readonly expectFailure?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** More arguments for the command line. */
  readonly args?: readonly string[];
  /** Milliseconds until it is killed; default 200 000. */
  readonly timeoutMs?: number;
}

export interface UpOptions extends RunOptions {
  /** `--refresh` */
  readonly refresh?: boolean;
  /** Leaves out the preview before the update (faster, but not what people run); default false. */
  readonly skipPreview?: boolean;
}

/** A command that runs in the background. */
export interface Running {
  /** What it has printed so far. */
  output(): string;
  /** Ctrl-C in the terminal: SIGINT to the CLI's process group. */
  interrupt(): void;
  /** SIGKILL to the CLI, its plugins and the program, as when the machine goes down. */
  kill(): void;
  /** SIGKILL to the CLI alone: plugins notice by themselves, or do not. */
  killEngineOnly(): void;
  /** Its end; never rejects. */
  readonly finished: Promise<PulumiResult>;
}

/** One resource in `pulumi stack export`. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface ExportedState {
  /** Exactly what `pulumi stack export` prints: what a search for secrets has to look at. */
  readonly text: string;
  readonly resources: readonly StateResource[];
  readonly pendingOperations: readonly unknown[];
}

export class Stack {
  /** The project's folder. */
  readonly directory: string;
  readonly #stack: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #marker: string;
  readonly #remove: () => Promise<void>;

  /** Use {@link createStack}. */
  constructor(made: {
    directory: string;
    stack: string;
    env: Readonly<Record<string, string>>;
    marker: string;
    remove: () => Promise<void>;
  }) {
    this.directory = made.directory;
    this.#stack = made.stack;
    this.#env = made.env;
    this.#marker = made.marker;
    this.#remove = made.remove;
  }

  up(options: UpOptions = {}): Promise<PulumiResult> {
    return this.#operation(["up", "--yes", ...upFlags(options)], options);
  }

  preview(options: RunOptions & { readonly refresh?: boolean } = {}): Promise<PulumiResult> {
    return this.#operation(
      ["preview", ...(options.refresh === true ? ["--refresh"] : [])],
      options,
    );
  }

  refresh(options: RunOptions = {}): Promise<PulumiResult> {
    return this.#operation(["refresh", "--yes", "--skip-preview"], options);
  }

  destroy(options: RunOptions = {}): Promise<PulumiResult> {
    return this.#operation(["destroy", "--yes", "--skip-preview"], options);
  }

  /** `up` in the background, for tests that end it in the middle. */
  startUp(options: UpOptions = {}): Running {
    return this.#start(["up", "--yes", ...upFlags(options)], options);
  }

  async exportState(options: { readonly showSecrets?: boolean } = {}): Promise<ExportedState> {
    const flags = options.showSecrets === true ? ["--show-secrets"] : [];
    const { stdout } = await this.run(["stack", "export", ...flags]);
    const { deployment } = JSON.parse(stdout) as {
      deployment: { resources?: StateResource[]; pending_operations?: unknown[] };
    };
    return {
      text: stdout,
      resources: deployment.resources ?? [],
      pendingOperations: deployment.pending_operations ?? [],
    };
  }

  /** Puts an exported state back. */
  async importState(text: string): Promise<void> {
    const file = join(this.directory, "import.json");
    await writeFile(file, text);
    await this.run(["stack", "import", "--file", file]);
  }

  /** The stack's outputs, secrets in clear. */
  async outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await this.run(["stack", "output", "--json", "--show-secrets"]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  async setConfig(key: string, value: string | { readonly secret: string }): Promise<void> {
    const secret = typeof value === "object";
    const text = secret ? value.secret : value;
    const flag = secret ? "--secret" : "--plaintext";
    await this.run(["config", "set", flag, key, "--", text]);
  }

  /** Takes the lock away that a killed command left behind. */
  async cancel(): Promise<void> {
    await this.run(["cancel", "--yes", this.#stack]);
  }

  /** Replaces the program. */
  setProgram(source: string): Promise<void> {
    return writeProgram(this.directory, source);
  }

  /** A program of the package, in the project's folder and with the stack's environment. */
  runNode(args: readonly string[], options: RunOptions = {}): Promise<PulumiResult> {
    const { env, directory: cwd } = {
      env: { ...this.#env, ...options.env },
      directory: this.directory,
    };
    return settle(startCli(process.execPath, args, { cwd, env, timeoutMs: 60_000 }), options);
  }

  /** Any other command of the CLI. */
  run(args: readonly string[], options: RunOptions = {}): Promise<PulumiResult> {
    return settle(this.#cli(args, options), options);
  }

  /** Kills what still runs, and removes the folder. What was created stays: destroy first where that matters. */
  async stop(): Promise<void> {
    killAll(processesWithEnvironment(markerName, this.#marker), "SIGKILL");
    await this.#remove();
  }

  #operation(args: readonly string[], options: RunOptions): Promise<PulumiResult> {
    return settle(this.#start(args, options), options);
  }

  #start(args: readonly string[], options: RunOptions): Running {
    const eventLog = join(dirname(this.directory), `events-${randomUUID()}.json`);
    const cli = this.#cli([...args, "--event-log", eventLog], options);
    return {
      ...cli,
      kill: () => {
        killAll(processesWithEnvironment(markerName, this.#marker), "SIGKILL");
      },
      finished: cli.finished.then(async (result) => ({
        ...result,
        ...(await readEvents(eventLog)),
      })),
    };
  }

  #cli(args: readonly string[], options: RunOptions): CliRun {
    return startCli(
      toolPath("pulumi"),
      ["--non-interactive", "--color", "never", ...args, ...(options.args ?? [])],
      {
        cwd: this.directory,
        env: { ...this.#env, ...options.env },
        timeoutMs: options.timeoutMs ?? 200_000,
      },
    );
  }
}

/**
 * Makes a project and an empty stack for a program: its TypeScript or JavaScript source, or a folder, which is copied.
 * `pulumi-acme` is this repository's build (`dist/`).
 */
export async function createStack(
  program: string | { readonly directory: string },
  options: StackOptions = {},
): Promise<Stack> {
  const folder = await temporaryDirectory("pulumi-");
  const marker = randomUUID();
  const directory = join(folder.path, "project");
  const stackName = options.stack ?? "dev";
  for (const name of ["project", "home", "state"]) await mkdir(join(folder.path, name));
  if (typeof program === "string") {
    await writeProject(directory, options.project ?? "test");
    await writeProgram(directory, program);
  } else {
    await copyProgram(program.directory, directory);
  }
  for (const [path, text] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  await linkPackages(directory, options);
  const own = environment(folder.path);
  const path = { PATH: [options.plugins, own["PATH"]].filter(Boolean).join(":") };
  const env = { ...own, ...path, [markerName]: marker, ...options.env };
  const remove = (): Promise<void> => folder.remove();
  const stack = new Stack({ directory, stack: stackName, env, marker, remove });
  await stack.run(["stack", "init", stackName]);
  for (const [key, value] of Object.entries(options.config ?? {})) {
    await stack.setConfig(key, value);
  }
  return stack;
}

const markerName = "PULUMI_ACME_TEST_STACK";
// By its name: `npm run bench` runs this file from another folder.
const repository = dirname(createRequire(__filename).resolve("pulumi-acme/package.json"));

function upFlags(options: UpOptions): string[] {
  return [
    ...(options.refresh === true ? ["--refresh"] : []),
    ...(options.skipPreview === true ? ["--skip-preview"] : []),
  ];
}

async function settle(
  run: { readonly finished: Promise<PulumiResult> },
  options: RunOptions,
): Promise<PulumiResult> {
  const result = await run.finished;
  const failed = result.code !== 0;
  if (failed !== (options.expectFailure ?? false)) throw new PulumiError(result);
  return result;
}

/** Only what is named here is handed on: no credentials, proxies or Pulumi settings of whoever runs the tests. */
function environment(folder: string): Record<string, string> {
  const cli = toolPath("pulumi");
  const path = [dirname(process.execPath), dirname(cli), ...(process.env["PATH"] ?? "").split(":")];
  // An installed CLI has the two plugins of Node.js programs beside it; so has one that we built, in the cache.
  if (isBuiltHere(cli)) path.splice(1, 0, join(toolCache, "bin"));
  const handedOn = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined &&
      (/^(TMPDIR|LANG|LC_\w+|USER|LOGNAME)$/.test(name) || name.startsWith("PULUMI_ACME_")),
  ) as [string, string][];
  return {
    ...Object.fromEntries(handedOn),
    PATH: path.join(":"),
    HOME: join(folder, "home"),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Without it the CLI has no --event-log.
    PULUMI_DEBUG_COMMANDS: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

async function writeProject(directory: string, name: string): Promise<void> {
  await writeFile(
    join(directory, "Pulumi.yaml"),
    `name: ${name}\nruntime: nodejs\nmain: index.js\n`,
  );
  await writeFile(join(directory, "package.json"), JSON.stringify({ name, private: true }));
}

/** Compiled once here instead of by ts-node in each phase of each command; types are not checked. */
async function writeProgram(directory: string, source: string): Promise<void> {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  await writeFile(join(directory, "index.js"), outputText);
}

async function copyProgram(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    filter: (path) => !/^(node_modules|Pulumi\..+\.yaml)$/.test(basename(path)),
  });
}

async function linkPackages(
  directory: string,
  { checkout = repository, packages = [] }: StackOptions,
): Promise<void> {
  const modules = join(directory, "node_modules");
  await mkdir(modules, { recursive: true });
  await symlink(checkout, join(modules, "pulumi-acme"));
  for (const name of new Set(["@pulumi", "@types", "typescript", ...packages])) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(checkout, "node_modules", name), join(modules, name));
  }
}
