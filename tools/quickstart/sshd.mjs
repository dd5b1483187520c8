/** The host that the program deploys to: an OpenSSH server for the user who runs this, with keys of its own. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { runCommand } from "../commands.mjs";
import { inFolder, program } from "./places.mjs";
import { isListening } from "./processes.mjs";

const clientKey = inFolder("sshd", "client");
const hostKey = inFolder("sshd", "host");

export async function sshServer(ports) {
  await mkdir(inFolder("sshd"), { recursive: true, mode: 0o755 });
  for (const key of [clientKey, hostKey]) if (!existsSync(`${key}.pub`)) await makeKey(key);
  // Where privileges are separated, sshd insists on this folder; it is absent until the packaged service has run.
  if (process.getuid() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const settings = inFolder("sshd", "sshd_config");
  await writeFile(settings, configuration(ports));
  return {
    name: "sshd",
    // sshd re-executes itself for each connection, and wants its own absolute path for that.
    command: program("sshd"),
    args: ["-D", "-e", "-f", settings],
    log: inFolder("log", "sshd.log"),
    ready: () => isListening(ports.ssh),
  };
}

/** What the program needs to log in. */
export async function sshCredentials() {
  const [type, key] = (await readFile(`${hostKey}.pub`, "utf8")).split(" ");
  return {
    user: userInfo().username,
    privateKey: await readFile(clientKey, "utf8"),
    hostKey: `${type} ${key}`,
  };
}

async function makeKey(file) {
  const args = ["-q", "-t", "ed25519", "-N", "", "-C", "quickstart", "-f", file];
  const { code, output } = await runCommand(program("ssh-keygen"), args);
  if (code !== 0) throw new Error(output);
}

function configuration(ports) {
  return [
    "ListenAddress 127.0.0.1",
    `Port ${ports.ssh}`,
    `HostKey ${hostKey}`,
    `PidFile ${inFolder("sshd", "sshd.pid")}`,
    `AuthorizedKeysFile ${clientKey}.pub`,
    // The repository may lie in a folder that others can write to.
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UseDNS no",
    "Subsystem sftp internal-sftp",
    "",
  ].join("\n");
}
