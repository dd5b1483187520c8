/** Finds the programs that tests and benches start: on the PATH, or in the cache that `npm test` fills. */
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** What tests may ask for, and how a person gets it. */
const remedies = {
  pulumi: "run `npm test`, or install Pulumi (https://www.pulumi.com/docs/install/)",
  pebble: "run `npm test`, or `go install github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1`",
  "pebble-challtestsrv":
    "run `npm test`, or `go install github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv@v2.10.1`",
  nginx: "`apt-get install nginx`",
  sshd: "`apt-get install openssh-server`",
  "ssh-keygen": "`apt-get install openssh-client`",
  ssh: "`apt-get install openssh-client`",
  "ssh-agent": "`apt-get install openssh-client`",
  sudo: "`apt-get install sudo`",
  bash: "`apt-get install bash`",
  busybox: "`apt-get install busybox`",
  ksh93: "`apt-get install ksh93u+m`",
  mksh: "`apt-get install mksh`",
  fish: "`apt-get install fish`",
  tcsh: "`apt-get install tcsh`",
  shellcheck: "`apt-get install shellcheck`",
  setfacl: "`apt-get install acl`",
  openssl: "`apt-get install openssl`",
  apachectl: "`apt-get install apache2`",
  haproxy: "`apt-get install haproxy`",
  postfix: "`apt-get install postfix`",
  dovecot: "`apt-get install dovecot-imapd`",
  dockerd: "`apt-get install docker.io`",
  exim4: "run `npm test`, or `apt-get install exim4-daemon-light`",
  vsftpd: "`apt-get install vsftpd`",
  slapd: "`apt-get install slapd`",
  socat: "`apt-get install socat`",
  pdns_server: "`apt-get install pdns-backend-lmdb`",
  psql: "`apt-get install postgresql`",
  mariadbd: "`apt-get install mariadb-server`",
  "redis-server": "`apt-get install redis-server`",
  "redis-cli": "`apt-get install redis-tools`",
  mosquitto: "`apt-get install mosquitto`",
  turnserver: "`apt-get install coturn`",
  prosody: "`apt-get install prosody`",
  ejabberdctl: "`apt-get install ejabberd`",
  caddy: "`apt-get install caddy`",
  stunnel: "`apt-get install stunnel4`",
  lexicon: "`apt-get install lexicon`",
  lego: "`apt-get install lego`",
  certbot: "`apt-get install certbot`",
  chromium: "`apt-get install chromium`",
  crontab: "`apt-get install cron`",
  promtool: "`apt-get install prometheus`",
  "systemd-analyze": "`apt-get install systemd`",
} as const;

export type Tool = keyof typeof remedies;

/** Where tools that the project built for itself lie. */
export const toolCache =
  process.env["PULUMI_ACME_CACHE"] ?? join(homedir(), ".cache", "pulumi-acme");

/** The absolute path of a tool; `undefined` where it is not to be had. */
export function findTool(tool: Tool): string | undefined {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const cached = join(toolCache, "bin");
  const folders = tool.startsWith("pebble")
    ? // A distribution's Pebble is too old for what the tests need.
      [cached, ...path]
    : // A user's PATH often lacks the two folders where servers live.
      [...path, cached, "/usr/local/sbin", "/usr/sbin"];
  return folders.map((folder) => join(folder, tool)).find(isExecutable);
}

/** The absolute path of a tool that is known to be there (see `describeWithTools`). */
export function toolPath(tool: Tool): string {
  const path = findTool(tool);
  if (path === undefined) throw new Error(`${tool} is missing: ${remedies[tool]}`);
  return path;
}

/** Whether the Pulumi CLI at `path` is one that we built, which lacks a language host of its own. */
export function isBuiltHere(path: string): boolean {
  return dirname(path) === join(toolCache, "bin");
}

/** Why tests that need these tools cannot run here, if they cannot. */
export function missingTools(...tools: readonly Tool[]): string | undefined {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (missing.length === 0) return undefined;
  return missing.map((tool) => `${tool} is missing: ${remedies[tool]}`).join("; ");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
