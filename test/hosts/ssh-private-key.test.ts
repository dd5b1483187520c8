import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Connection, withHost } from "../../sdk/hosts";
import { temporaryDirectory } from "../support/process/temp";
import { describeWithTools, toolPath } from "../support/process/tools";
import { PUTTY_PASSPHRASE, PUTTY_RSA, PUTTY_RSA_PUBLIC } from "../support/ssh/putty-keys";
import { generateSshKey } from "../support/ssh/ssh-keys";
import { type Sshd, startSshd } from "../support/ssh/sshd";

const run = promisify(execFile);
const PASSPHRASE = "open sesame";

const FORMS: [string, (key: string) => string][] = [
  ["CR LF", (key) => key.replaceAll("\n", "\r\n")],
  ["an empty first line", (key) => `\n${key}`],
  ["a byte order mark", (key) => `\uFEFF${key}`],
  ["indentation", (key) => key.replace(/^/gm, "    ")],
  ["no newline at its end", (key) => key.trimEnd()],
  ["\\n as two characters", (key) => key.replaceAll("\n", "\\n")],
  ["blanks instead of newlines", (key) => key.replaceAll("\n", " ")],
  ["quotes and text around it", (key) => `SSH_KEY="${key}"\n`],
];

/** Locks `privateKeyPem` again, by a cipher that ssh2 lacks. */
async function lockedByChaCha(privateKeyPem: string): Promise<string> {
  await using folder = await temporaryDirectory("key-");
  const file = join(folder.path, "key");
  await writeFile(file, privateKeyPem, { mode: 0o600 });
  const cipher = ["-Z", "chacha20-poly1305@openssh.com"];
  await run(toolPath("ssh-keygen"), ["-p", "-P", "", "-N", PASSPHRASE, ...cipher, "-f", file]);
  return await readFile(file, "utf8");
}

describeWithTools(["sshd", "ssh", "ssh-agent", "ssh-keygen"], "a private key", () => {
  let sshd: Sshd;
  let encrypted: string;
  beforeAll(async () => {
    const key = await generateSshKey({ passphrase: PASSPHRASE });
    encrypted = key.privateKeyPem;
    sshd = await startSshd({ authorizedKeys: [key.publicKey, PUTTY_RSA_PUBLIC] });
  });
  afterAll(() => sshd.stop());

  describe.each(["ssh2", "openssh"] as const)("by the transport %s", (transport) => {
    const logIn = (login: Partial<Connection>): Promise<string> =>
      withHost({ ...sshd.connection, transport, dialErrorLimit: 1, ...login }, async (host) =>
        (await host.run("id -un")).stdout.trim(),
      );

    it.each(FORMS)("may have %s (webfactory/ssh-agent#233)", async (_form, changed) => {
      expect(await logIn({ privateKey: changed(sshd.privateKeyPem) })).toBe(sshd.user);
      const login = { privateKey: changed(encrypted), privateKeyPassword: PASSPHRASE };
      expect(await logIn(login)).toBe(sshd.user);
    });

    it("may be PuTTY's, version 2 with RSA", async () => {
      const login = { privateKey: PUTTY_RSA, privateKeyPassword: PUTTY_PASSPHRASE };
      expect(await logIn(login)).toBe(sshd.user);
      await expect(logIn({ ...login, privateKeyPassword: "wrong" })).rejects.toMatchObject({
        code: "authentication",
        message: expect.stringContaining("privateKeyPassword is wrong") as string,
      });
    });

    it.each([
      ["no", undefined, "it is encrypted, and privateKeyPassword is missing"],
      ["a wrong", "hunter2", "privateKeyPassword is wrong, or the key is damaged"],
    ])("with %s passphrase says so", async (_what, privateKeyPassword, words) => {
      await expect(logIn({ privateKey: encrypted, privateKeyPassword })).rejects.toMatchObject({
        code: "authentication",
        message: expect.stringContaining(words) as string,
      });
    });
  });

  it("locked by a cipher that ssh2 lacks is not blamed on its passphrase", async () => {
    const privateKey = await lockedByChaCha(sshd.privateKeyPem);
    const connection = { ...sshd.connection, privateKey, privateKeyPassword: PASSPHRASE };
    const logIn = (transport: "ssh2" | "openssh"): Promise<number> =>
      withHost({ ...connection, transport }, async (host) => (await host.run("true")).code);
    await expect(logIn("ssh2")).rejects.toThrow(
      /cipher chacha20-poly1305@openssh.com.*ssh-keygen -p -Z aes256-ctr/,
    );
    expect(await logIn("openssh")).toBe(0);
  });
});
