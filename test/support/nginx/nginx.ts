/** A real nginx of its own: a prefix in a temporary folder, loopback ports. */
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isAlive } from "../process/process-tree";
import { freePorts } from "../process/ports";
import { startServer, type ServerProcess } from "../process/server-process";
import { temporaryDirectory } from "../process/temp";
import { toolPath } from "../process/tool-paths";

const run = promisify(execFile);

export interface NginxOptions {
  /** Text for the `http` block, before the include of `conf.d`. */
  readonly config?: string | undefined;
  /** Text beside the `http` block, before it. */
  readonly main?: string | undefined;
  /** Another nginx than the one that is installed. */
  readonly binary?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
}

export interface Nginx {
  /** The folder of everything: `nginx.conf`, `conf.d`, logs, `html`. */
  readonly prefix: string;
  /** Its `*.conf` files are included in the `http` block. */
  readonly configDirectory: string;
  readonly configFile: string;
  /** Two free ports for `listen`. nginx listens on neither until a file in `conf.d` says so. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Shell commands for a deployment on this machine. */
  readonly test: string;
  readonly reload: string;
  /** `1.22.1` */
  readonly version: string;
  pid(): number;
  /** The error log. */
  errors(): Promise<string>;
  stop(): Promise<void>;
}

export async function startNginx(options: NginxOptions = {}): Promise<Nginx> {
  const folder = await temporaryDirectory("nginx-");
  const prefix = folder.path;
  const binary = options.binary ?? toolPath("nginx");
  const files = await prepareNginx(prefix, options.config, options.main);
  const [freeHttp = 0, freeHttps = 0] = await freePorts(2);
  const server = await launchNginx(prefix, binary);
  return {
    prefix,
    ...files,
    httpPort: options.httpPort ?? freeHttp,
    httpsPort: options.httpsPort ?? freeHttps,
    ...nginxCommands(prefix, binary),
    version: await versionOf(binary),
    pid: () => {
      if (!isAlive(server.pid)) throw new Error(`nginx has ended: ${server.output()}`);
      return server.pid;
    },
    errors: () => readFile(join(prefix, "error.log"), "utf8"),
    stop: async () => {
      await server.stop();
      await folder.remove();
    },
  };
}

/** Writes its configuration, with the folders that it needs. */
export async function prepareNginx(
  prefix: string,
  config = "",
  main = "",
): Promise<Pick<Nginx, "configDirectory" | "configFile">> {
  for (const name of ["conf.d", "html", "tmp"]) {
    await mkdir(join(prefix, name), { recursive: true });
  }
  const configFile = configFileIn(prefix);
  await writeFile(configFile, mainConfig(prefix, config, main));
  return { configDirectory: join(prefix, "conf.d"), configFile };
}

/** The process alone. It listens on nothing until a file in `conf.d` says so. */
export async function launchNginx(
  prefix: string,
  binary = toolPath("nginx"),
  keepRunningWithLog?: string,
): Promise<ServerProcess> {
  const pidFile = join(prefix, "nginx.pid");
  await rm(pidFile, { force: true });
  return startServer(binary, ["-p", prefix, "-c", configFileIn(prefix)], {
    keepRunningWithLog,
    // The file is there before the workers are; a reload would already work.
    ready: async () => /^\d+\n$/.test(await readFile(pidFile, "utf8").catch(() => "")),
  });
}

/** Shell commands for a deployment on this machine. */
export function nginxCommands(
  prefix: string,
  binary = toolPath("nginx"),
): Pick<Nginx, "test" | "reload"> {
  const command = `${quoted(binary)} -p ${quoted(prefix)} -c ${quoted(configFileIn(prefix))}`;
  return { test: `${command} -t`, reload: `${command} -s reload` };
}

function configFileIn(prefix: string): string {
  return join(prefix, "nginx.conf");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function mainConfig(prefix: string, http: string, main: string): string {
  // Compiled-in paths lie in /var; without root they could not be used.
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path "${join(prefix, "tmp", name)}";`)
    .join("\n");
  return `${main}
${process.getuid?.() === 0 ? "user root;\n" : ""}daemon off;
worker_processes 1;
pid "${join(prefix, "nginx.pid")}";
error_log "${join(prefix, "error.log")}" notice;
events { worker_connections 256; }
http {
  access_log "${join(prefix, "access.log")}";
${temporary}
  ${http}
  include "${join(prefix, "conf.d")}/*.conf";
}
`;
}

async function versionOf(binary: string): Promise<string> {
  const { stderr } = await run(binary, ["-v"]);
  return /nginx\/([\d.]+)/.exec(stderr)?.[1] ?? stderr.trim();
}
