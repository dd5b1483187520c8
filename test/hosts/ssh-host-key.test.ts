import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, it } from "vitest";

import { type Connection, withHost } from "../../sdk/hosts";
import { generateSshKey } from "../support/ssh/ssh-keys";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { temporaryDirectory } from "../support/process/temp";
import { describeWithTools, toolPath } from "../support/process/tools";

const execute = promisify(execFile);

const reach = (connection: Connection): Promise<number> =>
  withHost(connection, async (host) => (await host.run("true")).code);

function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

describeWithTools(["sshd", "ssh", "ssh-keygen"], "the key of a host", () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ hostKeyTypes: ["ed25519", "ecdsa", "rsa"] });
  });
  afterAll(() => sshd.stop());

  const withKnownHosts = (knownHosts: string): Connection => ({
    ...sshd.connection,
    hostKey: undefined,
    knownHosts,
  });

  it("is refused when it is another one, before anybody logs in, with both fingerprints", async () => {
    const other = await generateSshKey();
    const own = sshd.hostKey.split("\n").find((line) => line.startsWith("ssh-ed25519")) ?? "";
    const error = await reach({ ...sshd.connection, hostKey: other.publicKey }).catch(
      (e: unknown) => e as Error,
    );
    expect(error).toMatchObject({ name: "HostError", code: "host-key", step: "connect" });
    expect(String(error)).toContain(`it shows ssh-ed25519 ${fingerprintOf(own)}`);
    expect(String(error)).toContain(`expected is ssh-ed25519 ${fingerprintOf(other.publicKey)}`);
    expect(sshd.log()).not.toContain("Accepted publickey");
  });

  it("may be any that the host has: the type that is expected is asked for", async () => {
    const lines = sshd.hostKey.split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      "ssh-ed25519",
      "ecdsa-sha2-nistp256",
      "ssh-rsa",
    ]);
    for (const hostKey of lines) expect(await reach({ ...sshd.connection, hostKey })).toBe(0);
  });

  it("may stand in a known_hosts text, plain or as ssh-keygen hashes it", async () => {
    expect(await reach(withKnownHosts(sshd.knownHosts))).toBe(0);
    await using folder = await temporaryDirectory();
    const file = join(folder.path, "known_hosts");
    await writeFile(file, sshd.knownHosts);
    await execute(toolPath("ssh-keygen"), ["-q", "-H", "-f", file]);
    const hashed = await readFile(file, "utf8");
    expect(hashed).toMatch(/^\|1\|/);
    expect(await reach(withKnownHosts(hashed))).toBe(0);
  });

  it.each(["ssh2", "openssh"] as const)(
    "may be a line of ssh-keyscan, plain or hashed, by the transport %s",
    async (transport) => {
      const { host, port } = sshd;
      const scan = async (...options: string[]): Promise<string> => {
        const tool = join(dirname(toolPath("ssh-keygen")), "ssh-keyscan");
        const all = ["-t", "ed25519", ...options, "-p", String(port), host];
        return (await execute(tool, all)).stdout.trim();
      };
      const connection = { ...sshd.connection, transport, dialErrorLimit: 1 };
      for (const hostKey of [await scan(), await scan("-H")]) {
        expect(hostKey).toMatch(/^(\[127|\|1\|)/);
        expect(await reach({ ...connection, hostKey })).toBe(0);
      }
      const revoked = `@revoked * ${sshd.hostKey.split("\n")[0] ?? ""}`;
      await expect(reach({ ...connection, hostKey: revoked })).rejects.toMatchObject({
        code: "host-key",
      });
    },
  );

  it("is refused by ssh2 where only SHA-1 would sign it", async () => {
    const old = await startSshd({ hostKeyTypes: ["rsa"], config: ["HostKeyAlgorithms ssh-rsa"] });
    try {
      await expect(reach({ ...old.connection, dialErrorLimit: 1 })).rejects.toMatchObject({
        code: "protocol",
        message: expect.stringContaining("no matching host key format") as string,
      });
    } finally {
      await old.stop();
    }
  });

  it("is refused where known_hosts does not know the host, or revokes the key", async () => {
    const foreign = sshd.knownHosts.replaceAll("127.0.0.1", "192.0.2.1");
    await expect(reach(withKnownHosts(foreign))).rejects.toMatchObject({
      code: "host-key",
      message: expect.stringContaining("no line for this host") as string,
    });
    const revoked = `${sshd.knownHosts}${sshd.knownHosts.replace(/^/gm, "@revoked ").replace(/@revoked $/, "")}`;
    await expect(reach(withKnownHosts(revoked))).rejects.toThrow("@revoked");
  });

  it("is required: without one, nothing is accepted", async () => {
    const connection = { ...sshd.connection, hostKey: undefined };
    await expect(reach(connection)).rejects.toMatchObject({ code: "host-key" });
    expect(await reach({ ...connection, insecureIgnoreHostKey: true })).toBe(0);
  });
});
