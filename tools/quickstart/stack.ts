/** The quickstart's stack: the Pulumi CLI with a home and a backend of its own, which knows nothing of yours. */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { runCommand } from "../commands.mjs";
import { killAll, processesWithEnvironment } from "../../test/support/process/process-tree";
import { toolPath } from "../../test/support/process/tool-paths";
import { inFolder, pulumiPath, repository, stackSettings } from "./places";
import { serverSettings, type Ports } from "./servers";

const stack = "quickstart";
const names = ["quickstart.localhost", "www.quickstart.localhost"];

/** Marks every process that the CLI starts: its plugins leave its process group. */
const marker = ["PULUMI_ACME_QUICKSTART", randomUUID()] as const;

/** What the program exports. */
export interface Outputs {
  readonly names: readonly [string, ...string[]];
  readonly fingerprintSha256: string;
  readonly issuer: string;
  readonly notAfter: string;
  readonly renewAt: string;
  readonly paths: { readonly fullchain: string; readonly privateKey: string };
  readonly configFiles: readonly string[];
}

/** What a person would have to set to run `pulumi` on this stack by hand. */
export const environment = {
  PULUMI_HOME: inFolder("pulumi-home"),
  PULUMI_BACKEND_URL: `file://${inFolder("state")}`,
  // Nothing here is worth a secret: the keys are for servers on this machine, and go away with them.
  PULUMI_CONFIG_PASSPHRASE: "quickstart",
};

class PulumiFailed extends Error {
  override readonly name = "PulumiFailed";
}

/** Makes the stack where there is none, and tells it where the servers are. */
export async function configure(ports: Ports): Promise<void> {
  for (const name of ["pulumi-home", "state"]) await mkdir(inFolder(name), { recursive: true });
  await pulumi(["stack", "select", "--create", stack]);
  // What an interrupted run left locked.
  await pulumi(["cancel", "--yes", stack]);
  const { sshPrivateKey = "", ...settings } = await serverSettings(ports);
  await pulumi([
    ...["config", "set-all", "--path"],
    ...Object.entries(settings).flatMap(plaintext),
    ...names.flatMap((name, index) => plaintext([`names[${String(index)}]`, name])),
  ]);
  setSecret("sshPrivateKey", sshPrivateKey);
}

/* Over standard input: everybody on the machine can read a command line. */
function setSecret(key: string, value: string): void {
  const args = ["--non-interactive", "--cwd", repository, "config", "set", "--secret", key];
  const { status, stderr } = spawnSync(toolPath("pulumi"), args, {
    input: value,
    encoding: "utf8",
    env: { ...process.env, ...cliEnvironment() },
  });
  if (status !== 0) throw new PulumiFailed(`pulumi config set ${key} failed: ${stderr}`);
}

/** Whether something has been created already. */
export async function hasResources(): Promise<boolean> {
  const { deployment } = JSON.parse(await pulumi(["stack", "export"])) as {
    deployment: { resources?: unknown[] };
  };
  return (deployment.resources ?? []).length > 0;
}

export async function up(...flags: string[]): Promise<void> {
  const always = ["--yes", "--skip-preview", "--suppress-outputs"];
  await pulumi(["up", ...always, ...flags], { live: true });
}

export async function outputs(): Promise<Outputs> {
  return JSON.parse(await pulumi(["stack", "output", "--json"])) as Outputs;
}

/** Destroys what the program made, and forgets the stack. */
export async function destroy(): Promise<void> {
  await pulumi(["cancel", "--yes", stack]);
  await pulumi(["destroy", "--yes", "--skip-preview", "--remove"], { live: true });
}

export const isConfigured = (): boolean => existsSync(stackSettings);
export const forget = (): Promise<void> => rm(stackSettings, { force: true });

/** Ends what an interrupted command left. */
export function killPlugins(): void {
  killAll(processesWithEnvironment(...marker), "SIGKILL");
}

async function pulumi(args: readonly string[], { live = false } = {}): Promise<string> {
  const common = ["--cwd", repository, ...args];
  if (live && process.stdout.isTTY) {
    if ((await inTerminal(common)) === 0) return "";
    throw new PulumiFailed(`pulumi ${String(args[0])} failed, see above`);
  }
  const { code, output } = await runCommand(
    toolPath("pulumi"),
    ["--non-interactive", "--color", "never", ...common],
    { live, env: cliEnvironment() },
  );
  if (code === 0) return output;
  const said = live ? "see above" : output.trimEnd();
  throw new PulumiFailed(`pulumi ${args.slice(0, 2).join(" ")} failed: ${said}`);
}

/** With the terminal as its own, the CLI shows one line for each resource, and what is being done there. */
function inTerminal(args: readonly string[]): Promise<number> {
  const env = { ...process.env, ...cliEnvironment() };
  const child = spawn(toolPath("pulumi"), args, { stdio: "inherit", env });
  return new Promise((resolve) => {
    child.once("error", () => {
      resolve(127);
    });
    child.once("exit", (code) => {
      resolve(code ?? 137);
    });
  });
}

function cliEnvironment(): Record<string, string> {
  return {
    ...environment,
    PATH: pulumiPath(),
    PULUMI_STACK: stack,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    [marker[0]]: marker[1],
  };
}

function plaintext([key, value]: readonly [string, string]): string[] {
  return ["--plaintext", `${key}=${value}`];
}
