import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, it } from "vitest";

import { type Connection, withHost } from "../../sdk/hosts";
import { generateSshKey } from "../support/ssh/ssh-keys";
import { type Sshd, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser, type SystemUser } from "../support/ssh/system-user";
import { temporaryDirectory } from "../support/process/temp";
import { describeUnless, describeWithTools, toolPath } from "../support/process/tools";

const run = promisify(execFile);
const PASSWORD = "correct horse 'battery' $taple";

const whoAmI = (connection: Connection): Promise<string> =>
  withHost(connection, async (host) => (await host.run("id -un")).stdout.trim());

/** One try, so that a refusal shows at once. */
const once = (connection: Connection): Connection => ({ ...connection, dialErrorLimit: 1 });

describeWithTools(["sshd", "ssh-keygen"], "logging in by SSH", () => {
  let sshd: Sshd;
  const keys = new Map<string, { privateKeyPem: string; publicKey: string }>();

  beforeAll(async () => {
    keys.set("ecdsa", await generateSshKey({ type: "ecdsa" }));
    keys.set("rsa", await generateSshKey({ type: "rsa" }));
    keys.set("rsa in PEM", await generateSshKey({ type: "rsa", format: "PEM" }));
    keys.set("rsa in PKCS#8", await generateSshKey({ type: "rsa", format: "PKCS8" }));
    keys.set("encrypted", await generateSshKey({ passphrase: "open sesame" }));
    sshd = await startSshd({
      authorizedKeys: [...keys.values()].map(({ publicKey }) => publicKey),
    });
  });
  afterAll(() => sshd.stop());

  it("works by an Ed25519 key", async () => {
    expect(await whoAmI(sshd.connection)).toBe(sshd.user);
  });

  it.each(["ecdsa", "rsa", "rsa in PEM", "rsa in PKCS#8"])("works by a key: %s", async (name) => {
    const privateKey = keys.get(name)?.privateKeyPem ?? "";
    expect(await whoAmI({ ...sshd.connection, privateKey })).toBe(sshd.user);
  });

  it("works by an encrypted key with its passphrase", async () => {
    const privateKey = keys.get("encrypted")?.privateKeyPem ?? "";
    const connection = { ...sshd.connection, privateKey, privateKeyPassword: "open sesame" };
    expect(await whoAmI(connection)).toBe(sshd.user);
  });

  it.each([
    ["without", undefined, "it is encrypted, and privateKeyPassword is missing"],
    ["with a wrong", "hunter2", "privateKeyPassword is wrong"],
  ])("says what is wrong with an encrypted key %s passphrase", async (_how, password, words) => {
    const privateKey = keys.get("encrypted")?.privateKeyPem ?? "";
    const error = await whoAmI({
      ...sshd.connection,
      privateKey,
      ...(password === undefined ? {} : { privateKeyPassword: password }),
    }).catch((e: unknown) => e as Error);
    expect(error).toMatchObject({ name: "HostError", code: "authentication" });
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain("hunter2");
  });

  it("says that a key cannot be read, without showing it", async () => {
    const privateKey =
      "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
    const error = await whoAmI({ ...sshd.connection, privateKey }).catch(
      (e: unknown) => e as Error,
    );
    expect(error).toMatchObject({ code: "authentication" });
    expect(String(error)).toContain("the private key cannot be read");
    expect(String(error)).not.toContain("c2VjcmV0");
  });

  it("that is refused names the user, what was tried and what the host allows, at once", async () => {
    const { privateKeyPem } = await generateSshKey();
    const startedAt = Date.now();
    await expect(whoAmI({ ...sshd.connection, privateKey: privateKeyPem })).rejects.toMatchObject({
      code: "authentication",
      message: `${sshd.user}@127.0.0.1:${String(sshd.port)}: connect: user ${sshd.user} was refused: tried the private key; the host allows publickey`,
    });
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it("needs something to log in with", async () => {
    const connection = { ...sshd.connection, privateKey: undefined };
    await expect(whoAmI(connection)).rejects.toMatchObject({ code: "authentication" });
  });

  it("works by an agent, and goes on when that does not answer", async () => {
    await using folder = await temporaryDirectory("agent-");
    const socket = join(folder.path, "socket");
    const started = await run(toolPath("ssh-agent"), ["-a", socket]);
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started.stdout)?.[1]);
    const { privateKey, ...connection } = sshd.connection;
    try {
      const adding = run(join(dirname(toolPath("ssh-agent")), "ssh-add"), ["-q", "-"], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      });
      adding.child.stdin?.end(privateKey);
      await adding;
      expect(await whoAmI({ ...connection, agentSocketPath: socket })).toBe(sshd.user);
    } finally {
      process.kill(pid);
    }
    const gone = join(folder.path, "gone");
    expect(await whoAmI({ ...connection, privateKey, agentSocketPath: gone })).toBe(sshd.user);
    const refused = whoAmI(once({ ...connection, agentSocketPath: gone }));
    await expect(refused).rejects.toThrow(/tried the agent.*the agent: Failed to connect/);
  });

  it("works through a jump host, and another one behind that", async () => {
    const jump = await startSshd();
    const second = await startSshd();
    try {
      const proxy = { ...second.connection, proxy: jump.connection };
      expect(await whoAmI({ ...sshd.connection, proxy })).toBe(sshd.user);
      expect(jump.log()).toContain("Accepted publickey");
      expect(second.log()).toContain("Accepted publickey");
    } finally {
      await jump.stop();
      await second.stop();
    }
  });

  it("through a jump host that does not forward says what it needs", async () => {
    const jump = await startSshd({ allowTcpForwarding: false });
    try {
      const connection = once({ ...sshd.connection, proxy: jump.connection });
      await expect(whoAmI(connection)).rejects.toThrow(/AllowTcpForwarding yes/);
    } finally {
      await jump.stop();
    }
  });

  it("checks the jump host's key as well", async () => {
    const jump = await startSshd();
    try {
      const proxy = { ...jump.connection, hostKey: sshd.hostKey };
      await expect(whoAmI({ ...sshd.connection, proxy })).rejects.toMatchObject({
        code: "host-key",
        host: `${jump.user}@127.0.0.1:${String(jump.port)}`,
      });
      expect(jump.log()).not.toContain("Accepted publickey");
    } finally {
      await jump.stop();
    }
  });
});

describeUnless(cannotMakeUsers(), "logging in by password", () => {
  let user: SystemUser;
  beforeAll(async () => {
    user = await createSystemUser({ password: PASSWORD });
  });
  afterAll(() => user.remove());

  const connectionTo = (sshd: Sshd, password: string): Connection => ({
    host: sshd.host,
    port: sshd.port,
    user: user.name,
    hostKey: sshd.hostKey,
    password,
  });

  it("works, and a wrong one is said but not shown", async () => {
    const sshd = await startSshd({ user: user.name, passwordAuth: true });
    try {
      expect(await whoAmI(connectionTo(sshd, PASSWORD))).toBe(user.name);
      const wrong = await whoAmI(connectionTo(sshd, "hunter2")).catch((e: unknown) => e as Error);
      expect(wrong).toMatchObject({ code: "authentication" });
      expect(String(wrong)).toContain("tried the password; the host allows publickey and password");
      expect(String(wrong)).not.toContain("hunter2");
    } finally {
      await sshd.stop();
    }
  });

  it("works where the host asks for it interactively", async () => {
    const sshd = await startSshd({
      user: user.name,
      config: ["UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no"],
    });
    try {
      expect(await whoAmI(connectionTo(sshd, PASSWORD))).toBe(user.name);
      await expect(whoAmI(connectionTo(sshd, "hunter2"))).rejects.toThrow(
        /tried the keyboard-interactive;/,
      );
    } finally {
      await sshd.stop();
    }
  });

  it("works as the second factor after a key", async () => {
    const sshd = await startSshd({
      user: user.name,
      passwordAuth: true,
      config: ["AuthenticationMethods password,publickey"],
    });
    try {
      const connection = { ...connectionTo(sshd, PASSWORD), privateKey: sshd.privateKeyPem };
      expect(await whoAmI(connection)).toBe(user.name);
    } finally {
      await sshd.stop();
    }
  });
});

// @see appleboy/ssh-action#344, h3nock/remux#57: Tailscale SSH
describeUnless(cannotMakeUsers(), "a host that wants no authentication", () => {
  it.each(["ssh2", "openssh"] as const)(
    "lets in by %s, whatever key is given",
    async (transport) => {
      const user = await createSystemUser();
      await run("usermod", ["--password", "", user.name]);
      const sshd = await startSshd({
        user: user.name,
        passwordAuth: true,
        publicKeyAuth: false,
        config: ["PermitEmptyPasswords yes"],
      });
      try {
        expect(await whoAmI(once({ ...sshd.connection, transport }))).toBe(user.name);
      } finally {
        await sshd.stop();
        await user.remove();
      }
    },
  );
});
