/** What the command `ssh` brings along: its user's configuration, sockets in a folder, questions of its own. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { type Connection, type HostError, withHost } from "../../sdk/hosts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { toolPath } from "../support/process/tool-paths";
import { describeWithTools } from "../support/process/tools";
import { type Sshd, startSshd } from "../support/ssh/sshd";

describeWithTools(["sshd", "ssh", "ssh-agent", "ssh-keygen"], "the command ssh", () => {
  const formerly = { TMPDIR: process.env["TMPDIR"], PATH: process.env["PATH"] };
  let sshd: Sshd;
  let folder: TemporaryDirectory;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  beforeEach(async () => {
    folder = await temporaryDirectory("t-");
  });
  afterEach(async () => {
    for (const [name, value] of Object.entries(formerly))
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    await folder.remove();
  });
  afterAll(() => sshd.stop());

  const run = (connection: Connection, command = "id -un"): Promise<string> =>
    withHost(
      { dialErrorLimit: 1, ...connection, transport: "openssh" },
      async (host) => (await host.run(command)).stdout,
    );

  /** Puts a program of this name in front of all others. */
  async function standIn(name: string, script: string): Promise<void> {
    const file = join(folder.path, name);
    await writeFile(file, `#!/bin/sh\n${script}`);
    await chmod(file, 0o755);
    process.env["PATH"] = `${folder.path}${delimiter}${formerly.PATH ?? ""}`;
  }

  /** `ssh` with a user's configuration in place of this user's. */
  async function withConfiguration(text: string): Promise<void> {
    const file = join(folder.path, "config");
    await writeFile(file, text, { mode: 0o600 });
    const redirect = `case $previous in -F) sed -i 's#~/.ssh/config#${file}#' "$argument" 2>/dev/null ;; esac`;
    await standIn(
      "ssh",
      `for argument; do ${redirect}; previous=$argument; done\nexec ${toolPath("ssh")} "$@"\n`,
    );
  }

  // @see basecamp/kamal#1048, sshuttle/sshuttle#468
  it("takes host name, port and user of an alias from the user's configuration", async () => {
    const alias = `Host Web-1\n  HostName 127.0.0.1\n  Port ${String(sshd.port)}\n  User ${sshd.user}\n`;
    await withConfiguration(alias);
    const { privateKey, hostKey } = sshd.connection;
    expect(await run({ host: "Web-1", privateKey, hostKey })).toBe(`${sshd.user}\n`);
  });

  it("is root where neither the program nor the configuration names a user", async () => {
    await withConfiguration(`Host web-2\n  HostName 127.0.0.1\n  Port ${String(sshd.port)}\n`);
    const { privateKey, hostKey } = sshd.connection;
    const login = run({ host: "web-2", privateKey, hostKey });
    if (sshd.user === "root") expect(await login).toBe("root\n");
    else await expect(login).rejects.toThrow(/user root was refused/);
  });

  it("goes where the program says, whatever the configuration says", async () => {
    await withConfiguration("Host *\n  Port 1\n  User nobody-here\n");
    expect(await run(sshd.connection)).toBe(`${sshd.user}\n`);
  });

  // @see OpenSCAP/scap-workbench#254, labgrid-project/labgrid#1199
  it.each([60, 80, 200])("works where TMPDIR has %s characters", async (length) => {
    const long = join(folder.path, "x".repeat(length - folder.path.length - 1));
    await mkdir(long);
    process.env["TMPDIR"] = long;
    expect(await run({ ...sshd.connection, perDialTimeout: 14 })).toBe(`${sshd.user}\n`);
  });

  it("gets the password for its own question alone", async () => {
    const answers = join(folder.path, "answers");
    const ask = (question: string): string =>
      `echo "${question}: $("$SSH_ASKPASS" "${question}")" >>'${answers}'`;
    const questions = [
      "admin@jump.example's password: ",
      "(admin@jump.example) Password: ",
      "(deploy@web-1.example) Verification code: ",
      "(deploy@web-1.example) New password: ",
      "Enter passphrase for key '/home/deploy/.ssh/id': ",
    ];
    const own = ["(deploy@web-1.example) Password: ", "deploy@web-1.example's password: "];
    await standIn(
      "ssh",
      `[ "$1" != -G ] || { echo "user deploy"; echo "hostname web-1.example"; exit; }\n${[...questions, ...own].map(ask).join("\n")}\nexit 255\n`,
    );
    const connection = { host: "web", user: "deploy", password: "hunter2", hostKey: sshd.hostKey };
    const error = (await run(connection).catch((e: unknown) => e)) as HostError;
    expect(error.message).not.toContain("hunter2");
    const lines = (await readFile(answers, "utf8")).split("\n").slice(0, -1);
    expect(lines).toEqual([
      ...questions.map((question) => `${question}: `),
      "(deploy@web-1.example) Password: : hunter2",
      // Once: who asks again got a wrong one.
      "deploy@web-1.example's password: : ",
    ]);
  });
});
