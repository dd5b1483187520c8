import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  commandLine,
  isAlive,
  killTree,
  processesWithArgument,
} from "../support/process/process-tree";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";

const repository = resolve(__dirname, "..", "..");

const COPIED = [
  "tools",
  "test/support",
  "examples",
  "Pulumi.yaml",
  "package.json",
  "package-lock.json",
];

interface Result {
  readonly code: number | null;
  readonly output: string;
}

/** What `npm start` runs, in a copy of the repository: a quickstart that somebody looks at is left alone. */
class Quickstart {
  readonly #folder: TemporaryDirectory;

  private constructor(folder: TemporaryDirectory) {
    this.#folder = folder;
  }

  static async create(): Promise<Quickstart> {
    const folder = await temporaryDirectory("quickstart-");
    const modules = join(folder.path, "node_modules");
    for (const name of COPIED) {
      await cp(join(repository, name), join(folder.path, name), {
        recursive: true,
        filter: (path) => !path.includes("node_modules"),
      });
    }
    for (const name of ["sdk", "dist", "tsconfig.json", "tsconfig.build.json"]) {
      await symlink(join(repository, name), join(folder.path, name));
    }
    await mkdir(modules);
    for (const name of await readdir(join(repository, "node_modules"))) {
      if (name === "pulumi-acme") continue;
      await symlink(join(repository, "node_modules", name), join(modules, name));
    }
    return new Quickstart(folder);
  }

  get path(): string {
    return join(this.#folder.path, ".quickstart");
  }

  start(...args: string[]): Promise<Result> {
    return this.#run(args, undefined);
  }

  /** Ctrl-C as soon as `text` was printed. */
  startAndInterruptAt(text: string): Promise<Result> {
    return this.#run([], text);
  }

  #run(args: readonly string[], interruptAt: string | undefined): Promise<Result> {
    const script = join(this.#folder.path, "tools", "start.mjs");
    const child = spawn(process.execPath, [script, ...args], {
      cwd: this.#folder.path,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let interrupted = false;
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      if (interruptAt === undefined || interrupted || !output.includes(interruptAt)) return;
      interrupted = true;
      child.kill("SIGINT");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    return new Promise((done) => {
      child.once("close", (code) => {
        done({ code, output });
      });
    });
  }

  /** Command lines of all processes that have something to do with this copy. */
  processes(): string[] {
    return processesWithArgument(this.#folder.path).map(commandLine);
  }

  async servers(): Promise<{ ports: Record<string, number>; pids: Record<string, number> }> {
    const text = await readFile(join(this.path, "servers.json"), "utf8");
    const { ports, processes } = JSON.parse(text) as {
      ports: Record<string, number>;
      processes: Record<string, { pid: number }>;
    };
    const pids = Object.entries(processes).map(([name, { pid }]) => [name, pid] as const);
    return { ports, pids: Object.fromEntries(pids) };
  }

  async remove(): Promise<void> {
    if (existsSync(this.path)) {
      for (const pid of Object.values((await this.servers()).pids)) killTree(pid, "SIGKILL");
    }
    await this.#folder.remove();
  }
}

describeWithTools(["pulumi", "pebble", "nginx", "sshd"], "npm start", () => {
  let quickstart: Quickstart;
  beforeAll(async () => {
    quickstart = await Quickstart.create();
  });
  afterAll(() => quickstart.remove());

  it("leaves no process behind on Ctrl-C in the middle of an up", async () => {
    const { code, output } = await quickstart.startAndInterruptAt(
      "NginxSite quickstart-challenge creating",
    );

    expect(output).toContain("The servers are stopped.");
    expect(code).toBe(130);
    expect(quickstart.processes()).toEqual([]);
  }, 120_000);

  it("goes on where it was interrupted to HTTPS, tells about it, and shows that a second up changes nothing", async () => {
    const { code, output } = await quickstart.start();

    expect(output).toMatch(/AcmeCertificate quickstart-certificate created/);
    expect(output).toMatch(/Names\s+quickstart\.localhost, www\.quickstart\.localhost/);
    expect(output).toMatch(/Issuer\s+Pebble Intermediate CA/);
    expect(output).toMatch(/Answer\s+200, TLSv1\.3/);
    expect(output).toMatch(/Renews at\s+\d{4}-\d\d-\d\d/);
    expect(output).toMatch(/7 unchanged/);
    expect(code).toBe(0);
  }, 120_000);

  it("leaves the servers running", async () => {
    const { pids } = await quickstart.servers();

    expect(Object.keys(pids).sort()).toEqual(["dns", "nginx", "pebble", "sshd"]);
    expect(Object.values(pids).every(isAlive)).toBe(true);
  });

  it("can be run again at once", async () => {
    const before = await quickstart.servers();

    const { code, output } = await quickstart.start();

    expect(output).toContain("They were still running.");
    expect(output).not.toMatch(/created|updated|replaced/);
    expect(code).toBe(0);
    expect(await quickstart.servers()).toEqual(before);
  }, 120_000);

  it("can be run again after the servers died, with a CA that has lost the account", async () => {
    const { ports, pids } = await quickstart.servers();
    for (const pid of Object.values(pids)) killTree(pid, "SIGKILL");

    const { code, output } = await quickstart.start();

    expect(output).toMatch(/registers anew: the CA has lost the account/);
    expect(code).toBe(0);
    expect((await quickstart.servers()).ports).toEqual(ports);
  }, 120_000);

  it("takes everything down with --destroy: resources, servers, folder", async () => {
    const { pids } = await quickstart.servers();

    const { code, output } = await quickstart.start("--destroy");

    expect(output).toMatch(/- 7 deleted/);
    expect(code).toBe(0);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
    expect(existsSync(quickstart.path)).toBe(false);
  }, 120_000);

  it("refuses an option that it does not know", async () => {
    const { code, output } = await quickstart.start("--destory");

    expect(output).toContain("usage: npm start [-- --destroy]");
    expect(code).toBe(1);
    expect(existsSync(quickstart.path)).toBe(false);
  });
});
