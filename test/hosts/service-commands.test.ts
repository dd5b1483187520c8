/** Parts of presets' commands that the daemons' own tests do not reach, with stand-ins for the programs they call. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { commandsOf } from "../../sdk/deploy/services/together";
import { tellingOfErrors } from "../../sdk/deploy/services/telling-of-errors";
import { localHost } from "../../sdk/hosts/local/host";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory("commands-");
});
afterEach(() => folder.remove());

async function standIn(program: string, text: string): Promise<void> {
  const path = join(folder.path, program);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

async function run(command = ""): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await localHost.run(`PATH=${folder.path}:$PATH\n${command}`);
  return { code, said: stdout + stderr };
}

describe("a service that only logs what it cannot use", () => {
  const reload = (then = "true"): string =>
    tellingOfErrors(`echo told >>${folder.path}/reloads; ${then}`, {
      unit: "relay*",
      log: join(folder.path, "log"),
      errors: "cannot use",
    });

  /** The journal has a line before the cursor, and `news` after it. */
  const journal = (news: string): Promise<void> =>
    standIn(
      "journalctl",
      `case "$*" in
  "-n 0 --show-cursor") echo "-- cursor: s=1;i=2" ;;
  "-q -o cat -u relay* --after-cursor=s=1;i=2") echo "${news}" ;;
  *) echo "cannot use the key of yesterday" ;;
esac`,
    );

  it("is heard in the journal, from the reload on", async () => {
    await journal("cannot use the key: permission denied");
    expect(await run(reload())).toEqual({
      code: 1,
      said: "cannot use the key: permission denied\n",
    });
    await journal("took the key");
    expect(await run(reload())).toEqual({ code: 0, said: "" });
  });

  it("is heard in its file, from the reload on", async () => {
    const log = join(folder.path, "log");
    await standIn("journalctl", "exit 1");
    await writeFile(log, "cannot use the key of yesterday\n");
    expect((await run(reload())).code).toBe(0);
    const refuses = reload(`echo "cannot use the new key" >>${log}`);
    expect(await run(refuses)).toEqual({ code: 1, said: "cannot use the new key\n" });
  });

  it("has said nothing where there is neither", async () => {
    await standIn("journalctl", "exit 1");
    expect(await run(reload())).toEqual({ code: 0, said: "" });
    expect(await readFile(join(folder.path, "reloads"), "utf8")).toBe("told\n");
  });

  it("is not listened to where the reload fails by itself", async () => {
    await journal("cannot use the key");
    expect(await run(reload("echo it is not running; exit 4"))).toEqual({
      code: 4,
      said: "it is not running\n",
    });
  });
});

describe("mysql", () => {
  it.each([
    { version: "8.4.3", statement: "ALTER INSTANCE RELOAD TLS" },
    { version: "11.8.2-MariaDB-0+deb13u1", statement: "FLUSH SSL" },
  ])("tells $version: $statement", async ({ version, statement }) => {
    const record = join(folder.path, "statements");
    const client = `case "$*" in *version*) echo ${version} ;; *) echo "$*" >>${record} ;; esac`;
    for (const name of ["mariadb", "mysql"]) await standIn(name, client);
    expect(
      await run(commandsOf("mysql", {}, { directory: "/etc/ssl/db", paths: {} }).reload),
    ).toEqual({ code: 0, said: "" });
    expect(await readFile(record, "utf8")).toBe(`-N -e ${statement}\n`);
  });
});

describe("redis", () => {
  const paths = { fullchain: "/etc/ssl/it's/fullchain.pem", privateKey: "/etc/ssl/it's/key.pem" };
  const reload = (): string | undefined => commandsOf("redis", {}, { paths }).reload;

  it("is told without TLS where its port has none, and fails with its words", async () => {
    await standIn(
      "redis-cli",
      'case "$*" in *--tls*) sleep 60 ;; esac; echo "NOAUTH Authentication required."',
    );
    expect(await run(reload())).toEqual({ code: 1, said: "NOAUTH Authentication required.\n" });
  });

  it("is told with TLS where it hangs up without", async () => {
    await standIn(
      "redis-cli",
      `case "$*" in
  *--tls*"CONFIG SET tls-cert-file /etc/ssl/it's/fullchain.pem tls-key-file /etc/ssl/it's/key.pem") echo OK ;;
  *) echo "Error: Connection reset by peer" >&2; exit 1 ;;
esac`,
    );
    expect(await run(reload())).toEqual({ code: 0, said: "" });
  });
});

describe("docker and systemdCredential", () => {
  const of = (service: "docker" | "systemdCredential"): string | undefined =>
    commandsOf(service, {}, { directory: "/etc/ssl/it's", paths: {} }).reload;

  it("say what is not running where nothing uses the directory", async () => {
    await standIn("docker", "true");
    expect(await run(of("docker"))).toEqual({
      code: 1,
      said: "a container that mounts /etc/ssl/it's is not running\n",
    });
    expect(await run(`ACME_UNITS=${folder.path}\n${of("systemdCredential") ?? ""}`)).toEqual({
      code: 1,
      said: "a unit with LoadCredential= from /etc/ssl/it's is not running\n",
    });
  });

  it("fail with docker's words where it cannot be reached", async () => {
    await standIn("docker", 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    expect(await run(of("docker"))).toEqual({
      code: 1,
      said: "Cannot connect to the Docker daemon\n",
    });
  });
});

it("a configuration file gets no command that reads certificates alone", () => {
  for (const service of ["mysql", "coturn", "redis", "docker", "systemdCredential"] as const)
    expect(commandsOf(service, {}, { paths: {} }).reload).toBeUndefined();
});
