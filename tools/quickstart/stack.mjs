/** The quickstart's stack: the Pulumi CLI with a home and a backend of its own, which knows nothing of yours. */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { runCommand } from "../commands.mjs";
import { repository } from "../setup/places.mjs";
import * as nginx from "./nginx.mjs";
import { apiCertificate, directoryUrl, resolver } from "./pebble.mjs";
import { inFolder, program, pulumiPath, stackSettings } from "./places.mjs";
import { killMarked } from "./processes.mjs";
import { sshCredentials } from "./sshd.mjs";

const stack = "quickstart";
export const names = ["quickstart.localhost", "www.quickstart.localhost"];

/** Marks every process that the CLI starts: its plugins leave its process group. */
const marker = ["PULUMI_ACME_QUICKSTART", randomUUID()];

/** What a person would have to set to run `pulumi` on this stack by hand. */
export const environment = {
  PULUMI_HOME: inFolder("pulumi-home"),
  PULUMI_BACKEND_URL: `file://${inFolder("state")}`,
  // Nothing here is worth a secret: the keys are for servers on this machine, and go away with them.
  PULUMI_CONFIG_PASSPHRASE: "quickstart",
};

export class PulumiFailed extends Error {
  name = "PulumiFailed";
}

/** Makes the stack where there is none, and tells it where the servers are. */
export async function configure(ports) {
  for (const name of ["pulumi-home", "state"]) await mkdir(inFolder(name), { recursive: true });
  await pulumi(["stack", "select", "--create", stack]);
  // What an interrupted run left locked.
  await pulumi(["cancel", "--yes", stack]);
  const ssh = await sshCredentials();
  await pulumi([
    ...["config", "set-all", "--path"],
    ...plaintext("directoryUrl", directoryUrl(ports)),
    ...plaintext("caBundlePem", await apiCertificate()),
    ...names.flatMap((name, index) => plaintext(`names[${index}]`, name)),
    ...plaintext("resolvers[0]", resolver(ports)),
    ...plaintext("host", "127.0.0.1"),
    ...plaintext("sshPort", ports.ssh),
    ...plaintext("sshUser", ssh.user),
    ...plaintext("sshHostKey", ssh.hostKey),
    ...plaintext("httpPort", ports.http),
    ...plaintext("httpsPort", ports.https),
    ...plaintext("root", nginx.documentRoot),
    ...plaintext("certificateDirectory", nginx.certificateDirectory),
    ...plaintext("nginxConfigDirectory", nginx.configDirectory),
    ...plaintext("nginxTest", nginx.nginxTest()),
    ...plaintext("nginxReload", nginx.nginxReload()),
  ]);
  setSecret("sshPrivateKey", ssh.privateKey);
}

/* Over standard input: everybody on the machine can read a command line. */
function setSecret(key, value) {
  const args = ["--non-interactive", "--cwd", repository, "config", "set", "--secret", key];
  const options = { input: value, encoding: "utf8", env: { ...process.env, ...cliEnvironment() } };
  const { status, stderr } = spawnSync(program("pulumi"), args, options);
  if (status !== 0) throw new PulumiFailed(`pulumi config set ${key} failed: ${stderr}`);
}

/** Whether something has been created already. */
export async function hasResources() {
  const { deployment } = JSON.parse(await pulumi(["stack", "export"]));
  return (deployment.resources ?? []).length > 0;
}

export const up = (...flags) =>
  pulumi(["up", "--yes", "--skip-preview", "--suppress-outputs", ...flags], { live: true });

export const outputs = async () => JSON.parse(await pulumi(["stack", "output", "--json"]));

/** Destroys what the program made, and forgets the stack. */
export async function destroy() {
  await pulumi(["cancel", "--yes", stack]);
  await pulumi(["destroy", "--yes", "--skip-preview", "--remove"], { live: true });
}

export const isConfigured = () => existsSync(stackSettings);
export const forget = () => rm(stackSettings, { force: true });

/** Ends what an interrupted command left. */
export const killPlugins = () => killMarked(...marker);

async function pulumi(args, { live = false } = {}) {
  const common = ["--cwd", repository, ...args];
  if (live && process.stdout.isTTY) {
    if ((await inTerminal(common)) === 0) return "";
    throw new PulumiFailed(`pulumi ${args[0]} failed, see above`);
  }
  const { code, output } = await runCommand(
    program("pulumi"),
    ["--non-interactive", "--color", "never", ...common],
    { live, env: cliEnvironment() },
  );
  if (code === 0) return output;
  const said = live ? "see above" : output.trimEnd();
  throw new PulumiFailed(`pulumi ${args.slice(0, 2).join(" ")} failed: ${said}`);
}

/** With the terminal as its own, the CLI shows one line for each resource, and what is being done there. */
function inTerminal(args) {
  const env = { ...process.env, ...cliEnvironment() };
  const child = spawn(program("pulumi"), args, { stdio: "inherit", env });
  return new Promise((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 137));
  });
}

function cliEnvironment() {
  return {
    ...environment,
    PATH: pulumiPath(),
    PULUMI_STACK: stack,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    [marker[0]]: marker[1],
  };
}

function plaintext(key, value) {
  return ["--plaintext", `${key}=${value}`];
}
