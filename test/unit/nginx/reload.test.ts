/** The reload of an nginx, run by a shell with stand-ins for systemctl and nginx. */
import { execFileSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { saysNotRunning } from "../../../sdk/deploy";
import { DEFAULT_RELOAD, RELOAD_RUNNING } from "../../../sdk/nginx/commands";
import { temporaryDirectory, type TemporaryDirectory } from "../../support/process/temp";

const NOT_RUNNING = 'nginx: [error] invalid PID number "" in "/run/nginx.pid"';

describe("the reload of nginx", () => {
  let folder: TemporaryDirectory;
  beforeAll(async () => {
    folder = await temporaryDirectory("reload-");
  });
  afterAll(() => folder.remove());

  /** Runs `command` on a host of which systemctl and nginx say so; what was done there, and whether it succeeded. */
  async function run(
    command: string,
    host: { active?: boolean; enabled?: boolean; startable?: boolean; runs?: boolean },
  ): Promise<{ done: string[]; ok: boolean; said: string }> {
    const log = join(folder.path, "log");
    await writeFile(log, "");
    const { active = false, enabled = false, startable = true, runs = active } = host;
    const programs = {
      systemctl: `case $1 in is-active) ${String(active)};; is-enabled) ${String(enabled)};; *) echo "systemctl $*" >>'${log}'; [ $1 = reload ] || ${String(startable)};; esac`,
      nginx: `echo "nginx $*" >>'${log}'; ${runs ? "true" : `echo '${NOT_RUNNING}' >&2; exit 1`}`,
    };
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(folder.path, name), `#!/bin/sh\n${text}\n`);
      await chmod(join(folder.path, name), 0o755);
    }
    let ok = true;
    let said = "";
    try {
      const env = { PATH: `${folder.path}:/usr/bin:/bin` };
      execFileSync("/bin/sh", ["-c", command], { env, stdio: "pipe" });
    } catch (error) {
      ok = false;
      said = String((error as { stderr?: Buffer }).stderr);
    }
    const done = (await readFile(log, "utf8")).split("\n").filter(Boolean);
    return { done, ok, said };
  }

  it("is systemd's where systemd runs it", async () => {
    for (const command of [DEFAULT_RELOAD, RELOAD_RUNNING])
      expect(await run(command, { active: true, enabled: true })).toMatchObject({
        done: ["systemctl reload nginx"],
        ok: true,
      });
  });

  it("is nginx's own where somebody else runs it", async () => {
    expect(await run(DEFAULT_RELOAD, { runs: true, enabled: true })).toMatchObject({
      done: ["nginx -s reload"],
      ok: true,
    });
  });

  it("starts one that systemd should run and that does not run", async () => {
    expect(await run(DEFAULT_RELOAD, { enabled: true })).toMatchObject({
      done: ["nginx -s reload", "systemctl start nginx"],
      ok: true,
    });
  });

  it("does not start one that was disabled, and says that it does not run", async () => {
    const { done, ok, said } = await run(DEFAULT_RELOAD, { enabled: false });
    expect([done, ok]).toEqual([["nginx -s reload"], false]);
    expect(saysNotRunning(said)).toBe(true);
  });

  it("says that it does not run where it cannot be started", async () => {
    const { ok, said } = await run(DEFAULT_RELOAD, { enabled: true, startable: false });
    expect(ok).toBe(false);
    expect(saysNotRunning(said)).toBe(true);
  });

  it("after a removal starts nothing", async () => {
    expect((await run(RELOAD_RUNNING, { enabled: true })).done).toEqual(["nginx -s reload"]);
  });
});

describe("the words of a reload", () => {
  it.each([
    NOT_RUNNING,
    'nginx: [error] open() "/run/nginx.pid" failed (2: No such file or directory)',
    "nginx: [alert] kill(4711, 1) failed (3: No such process)",
    "nginx.service is not active, cannot reload.",
    "postfix/postfix-script: fatal: the Postfix mail system is not running",
    "doveadm(root): Fatal: Dovecot is not running (read from /var/run/dovecot/master.pid)",
    "Error response from daemon: container 0c1 is not running",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "sh: 1: kill: No such process",
    "* ERROR: nginx: cannot `reload' as it has not been started",
    "nginx: no process found",
    "killall: nginx: no process killed",
    'pg_ctl: PID file "/var/lib/postgresql/15/main/postmaster.pid" does not exist\nIs server running?',
    'psql: error: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?',
    "error: 'Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)'\nCheck that mysqld is running and that the socket: '/var/run/mysqld/mysqld.sock' exists!",
    "error: 'Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)'",
    "rndc: connect failed: 127.0.0.1#953: connection refused",
    "Could not connect to Redis at 127.0.0.1:6379: Connection refused",
    'Error: sending configuration to instance: performing request: Post "http://localhost:2019/load": dial tcp 127.0.0.1:2019: connect: connection refused',
  ])("tell of a service that does not run: %s", (words) => {
    expect(saysNotRunning(words)).toBe(true);
  });

  it.each([
    'nginx: [emerg] open() "/etc/nginx/conf.d/x.conf" failed (2: No such file or directory)',
    'nginx: [emerg] cannot load certificate "/a.pem": BIO_new_file() failed',
    "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
    "Job for nginx.service failed.",
    "Failed to reload nginx.service: Access denied",
    "sh: 1: nginx: not found",
    "ERROR 1045 (28000): Access denied for user 'root'@'localhost'",
    "psql: error: FATAL:  the database system is shutting down",
  ])("tell of another failure: %s", (words) => {
    expect(saysNotRunning(words)).toBe(false);
  });
});
