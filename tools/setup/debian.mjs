/** Servers and clients of the distribution that the quickstart and the tests talk to. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { runCommand } from "../commands.mjs";
import { onPath } from "./places.mjs";

/** Program → Debian package. */
const quickstartPackages = {
  nginx: "nginx",
  sshd: "openssh-server",
  "ssh-keygen": "openssh-client",
  openssl: "openssl",
};

/** Program, or file that is none → Debian package. */
const testPackages = {
  ...quickstartPackages,
  ssh: "openssh-client",
  "ssh-agent": "openssh-client",
  sudo: "sudo",
  dash: "dash",
  busybox: "busybox",
  ksh93: "ksh93u+m",
  mksh: "mksh",
  fish: "fish",
  tcsh: "tcsh",
  shellcheck: "shellcheck",
  setfacl: "acl",
  apachectl: "apache2",
  "/usr/lib/nginx/modules/ngx_stream_module.so": "libnginx-mod-stream",
  haproxy: "haproxy",
  postfix: "postfix",
  dovecot: "dovecot-imapd",
  vsftpd: "vsftpd",
  slapd: "slapd",
  socat: "socat",
  psql: "postgresql",
  mariadbd: "mariadb-server",
  "redis-server": "redis-server",
  "redis-cli": "redis-tools",
  mosquitto: "mosquitto",
  turnserver: "coturn",
  prosody: "prosody",
  ejabberdctl: "ejabberd",
  caddy: "caddy",
  stunnel: "stunnel4",
  dockerd: "docker.io",
  named: "bind9",
  dig: "bind9-dnsutils",
  nsupdate: "bind9-dnsutils",
  // The backend brings the server.
  pdns_server: "pdns-backend-lmdb",
  lexicon: "lexicon",
  lego: "lego",
  certbot: "certbot",
  chromium: "chromium",
  crontab: "cron",
  promtool: "prometheus",
  "systemd-analyze": "systemd",
};

export const quickstartDebianPackages = installationOf(quickstartPackages);
export const testDebianPackages = installationOf(testPackages);

function installationOf(packages) {
  const missing = () => [
    ...new Set(
      Object.entries(packages)
        .filter(([name]) => !(name.startsWith("/") ? existsSync(name) : onPath(name)))
        .map(([, name]) => name),
    ),
  ];
  return {
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
}

/** Installs packages where that is possible: as root, on Debian and its like. No package starts its service. */
export async function installDebianPackages(names) {
  if (process.getuid?.() !== 0) throw new Error("Only root may install packages.");
  if (onPath("apt-get") === undefined) throw new Error("There is no apt-get here.");
  const allowServices = forbidServices();
  try {
    const install = () => apt(["install", "--yes", "--no-install-recommends", ...names]);
    if ((await install()).code === 0) return;
    // Package lists that are missing or old, or an installation that was interrupted.
    await runCommand("dpkg", ["--configure", "-a"], { env });
    await apt(["update"]);
    const { code, output } = await install();
    if (code !== 0) throw new Error(output);
  } finally {
    allowServices();
  }
}

const env = { DEBIAN_FRONTEND: "noninteractive" };

function apt(args) {
  return runCommand("apt-get", args, { env });
}

/**
 * Makes Debian's invoke-rc.d start nothing until the function that is returned is called: we start servers of our own, on
 * loopback ports. Where the machine has a policy already, that one stays.
 */
function forbidServices() {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return () => {};
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const remove = () => rmSync(policy, { force: true });
  // After Ctrl-C nothing but the "exit" handlers runs.
  process.once("exit", remove);
  return () => {
    process.off("exit", remove);
    remove();
  };
}
