/** Servers and clients of the distribution that tests and the quickstart talk to. */
import { runCommand } from "../commands.mjs";
import { onPath } from "./places.mjs";

/** Program → Debian package. */
const packages = {
  nginx: "nginx",
  sshd: "openssh-server",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  "ssh-agent": "openssh-client",
  sudo: "sudo",
  openssl: "openssl",
  busybox: "busybox",
  ksh93: "ksh93u+m",
  mksh: "mksh",
  shellcheck: "shellcheck",
  setfacl: "acl",
  named: "bind9",
  dig: "bind9-dnsutils",
  nsupdate: "bind9-dnsutils",
  lego: "lego",
  certbot: "certbot",
};

const missing = () => [
  ...new Set(
    Object.entries(packages)
      .filter(([program]) => onPath(program) === undefined)
      .map(([, name]) => name),
  ),
];

export const debianPackages = {
  get title() {
    return `Installing ${missing().join(", ")} with apt-get`;
  },
  usually: "a minute",
  get remedy() {
    return `as root: \`apt-get install ${missing().join(" ")}\`, or the same programs of another distribution`;
  },
  isDone: () => missing().length === 0,
  perform: () => installDebianPackages(missing()),
};

/** Installs packages where that is possible: as root, on Debian and its like. */
export async function installDebianPackages(names) {
  if (process.getuid?.() !== 0) throw new Error("Only root may install packages.");
  if (onPath("apt-get") === undefined) throw new Error("There is no apt-get here.");
  const install = () => apt(["install", "--yes", "--no-install-recommends", ...names]);
  if ((await install()).code === 0) return;
  // Package lists that are missing or old, or an installation that was interrupted.
  await runCommand("dpkg", ["--configure", "-a"], { env });
  await apt(["update"]);
  const { code, output } = await install();
  if (code !== 0) throw new Error(output);
}

const env = { DEBIAN_FRONTEND: "noninteractive" };

function apt(args) {
  return runCommand("apt-get", args, { env });
}
