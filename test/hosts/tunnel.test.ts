/** Reverse tunnels on a real sshd: what both solvers by tunnel stand on. */
import { createServer } from "node:net";
import { connect as connectTls } from "node:tls";

import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";

import { tunnel as httpTunnel } from "../../sdk/challenges/http-01";
import { tunnel as tlsTunnel } from "../../sdk/challenges/tls-alpn-01";
import { type Connection, withHost } from "../../sdk/hosts";
import { tlsAlpnFault } from "../../sdk/x509/tls-alpn";
import { freePort, isListening } from "../support/process/ports";
import { type Sshd, type SshdOptions, startSshd } from "../support/ssh/sshd";
import { cannotMakeUsers, createSystemUser } from "../support/ssh/system-user";
import { describeWithTools } from "../support/process/tools";
import { context, proofOf } from "../support/ca/proofs";
import { cuttable } from "../support/ssh/cuttable-host";

async function sshdOf(options: SshdOptions): Promise<Sshd> {
  const sshd = await startSshd(options);
  onTestFinished(() => sshd.stop());
  return sshd;
}

const get = (port: number, token: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(port)}/.well-known/acme-challenge/${token}`);

/** What `tunnel` says when it presents one name, on one line. */
async function complaint(connection: Connection, port: number): Promise<string> {
  const present = httpTunnel({ connection, port }).present([proofOf("a.example")], context());
  return present.then(
    async (presentation) => {
      await presentation.cleanUp();
      return "it was presented";
    },
    (error: unknown) => {
      expect(error).toMatchObject({ name: "ChallengeError" });
      return (error as Error).message;
    },
  );
}

describeWithTools(["sshd", "ssh-keygen"], "a tunnel through SSH", () => {
  let sshd: Sshd;

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  it.each(["ssh2", "openssh"] as const)(
    "answers http-01 on the host's port by %s, from outside, and only while it is asked for",
    async (transport) => {
      const port = await freePort();
      const proofs = [proofOf("a.example"), proofOf("b.example")] as const;
      const solver = httpTunnel({ connection: { ...sshd.connection, transport }, port });
      expect(solver.label).toMatch(
        /^http-01 by a tunnel from port \*:\d+ of \w+@127\.0\.0\.1:\d+$/,
      );
      const presentation = await solver.present(proofs, context());
      for (const { token, keyAuthorization } of proofs) {
        const response = await get(port, token);
        expect([response.status, await response.text()]).toEqual([200, keyAuthorization]);
      }
      expect((await get(port, "x".repeat(43))).status).toBe(404);
      expect(presentation.broken?.()).toBeUndefined();
      await presentation.cleanUp();
      await presentation.cleanUp();
      expect(await isListening(port)).toBe(false);
    },
  );

  it("is one for all who ask for it at the same time", async () => {
    const port = await freePort();
    const [a, b] = [proofOf("a.example"), proofOf("b.example")];
    const solver = httpTunnel({ connection: sshd.connection, port });
    const [first, second] = await Promise.all([
      solver.present([a], context()),
      httpTunnel({ connection: { ...sshd.connection }, port }).present([b], context()),
    ]);
    await first.cleanUp();
    expect((await get(port, a.token)).status).toBe(404);
    expect(await (await get(port, b.token)).text()).toBe(b.keyAuthorization);
    const [, third] = await Promise.all([second.cleanUp(), solver.present([a], context())]);
    expect(await (await get(port, a.token)).text()).toBe(a.keyAuthorization);
    await third.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("carries 30 requests at once, and two ports over one connection", async () => {
    const [first, second] = [await freePort(), await freePort()];
    const [a, b] = [proofOf("a.example"), proofOf("b.example")];
    const logins = (): number => sshd.log().split("Accepted publickey").length - 1;
    const before = logins();
    const presentations = await Promise.all([
      httpTunnel({ connection: sshd.connection, port: first }).present([a], context()),
      httpTunnel({ connection: sshd.connection, port: second }).present([b], context()),
    ]);
    const texts = await Promise.all(
      Array.from({ length: 30 }, async () => (await get(first, a.token)).text()),
    );
    expect(new Set(texts)).toEqual(new Set([a.keyAuthorization]));
    expect((await get(second, a.token)).status).toBe(404);
    expect(await (await get(second, b.token)).text()).toBe(b.keyAuthorization);
    expect(logins() - before).toBeLessThanOrEqual(1);
    await Promise.all(presentations.map((presentation) => presentation.cleanUp()));
    expect(await isListening(first)).toBe(false);
    expect(await isListening(second)).toBe(false);
  });

  it("answers tls-alpn-01 on the host's port", async () => {
    const port = await freePort();
    const proof = proofOf("a.example");
    const presentation = await tlsTunnel({ connection: sshd.connection, port }).present(
      [proof],
      context(),
    );
    const der = await new Promise<Buffer | undefined>((resolve, reject) => {
      const where = { port, host: "127.0.0.1", servername: "a.example" };
      const options = { ...where, ALPNProtocols: ["acme-tls/1"], rejectUnauthorized: false };
      const socket = connectTls(options, () => {
        resolve(socket.getPeerX509Certificate()?.raw);
        socket.end();
      });
      socket.on("error", reject);
    });
    expect(
      tlsAlpnFault(der ?? Buffer.alloc(0), proof.identifier, proof.keyAuthorization),
    ).toBeUndefined();
    await presentation.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("goes through a jump host", async () => {
    const jump = await sshdOf({});
    const port = await freePort();
    const proof = proofOf("a.example");
    const connection = { ...sshd.connection, proxy: jump.connection };
    const presentation = await httpTunnel({ connection, port }).present([proof], context());
    expect(await (await get(port, proof.token)).text()).toBe(proof.keyAuthorization);
    await jump.cut();
    await expect.poll(() => presentation.broken?.()).toMatch(/ via .* was cut, and the tunnel/);
    await presentation.cleanUp();
    await expect.poll(() => isListening(port)).toBe(false);
  });

  it("binds the one address that is asked for", async () => {
    const port = await freePort();
    const proof = proofOf("a.example");
    const options = { connection: sshd.connection, port, address: "127.0.0.2" };
    const presentation = await httpTunnel(options).present([proof], context());
    expect(await isListening(port)).toBe(false);
    const url = `http://127.0.0.2:${String(port)}/.well-known/acme-challenge/${proof.token}`;
    expect(await (await fetch(url)).text()).toBe(proof.keyAuthorization);
    await presentation.cleanUp();
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it.each(["0.0.0.0", "::", "127.0.0.1"])(
    "says that another program has the port at %s, and takes it once it is free",
    async (address) => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, address, resolve));
      const { port } = other.address() as { port: number };
      expect(await complaint(sshd.connection, port)).toMatch(
        /^http-01 for a\.example: \w+@127\.0\.0\.1:\d+: listen on port \d+: another program on the host has the port; if that is a web server, prove the names by webroot or stateless instead$/,
      );
      await new Promise((resolve) => other.close(resolve));
      expect(await complaint(sshd.connection, port)).toBe("it was presented");
    },
  );

  it("says what to set where GatewayPorts is off, and leaves nothing bound", async () => {
    const { connection } = await sshdOf({ gatewayPorts: false });
    const port = await freePort();
    expect(await complaint(connection, port)).toContain(
      "sshd bound the loopback interface alone, where nobody outside can reach it: set GatewayPorts clientspecified (or yes) in the host's sshd_config",
    );
    expect(await isListening(port)).toBe(false);
    // Who wants the loopback interface gets it.
    const presentation = await httpTunnel({ connection, port, address: "localhost" }).present(
      [proofOf("a.example")],
      context(),
    );
    expect(await isListening(port)).toBe(true);
    await presentation.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it.each([false, "local"] as const)(
    "says what to set where AllowTcpForwarding is %s",
    async (allowTcpForwarding) => {
      const { connection } = await sshdOf({ allowTcpForwarding });
      expect(await complaint(connection, await freePort())).toMatch(
        /the host forbids it: its sshd_config needs AllowTcpForwarding yes \(or remote\), and a PermitListen, if there is one, for port \d+$/,
      );
    },
  );

  it("says what to set where PermitListen leaves the port out", async () => {
    const { connection } = await sshdOf({ config: ["PermitListen 1"] });
    expect(await complaint(connection, await freePort())).toContain("PermitListen");
  });

  it.skipIf(cannotMakeUsers() !== undefined)(
    "says that a login without root may not bind a low port, also where it has sudo",
    async () => {
      const user = await createSystemUser({ sudo: "without-password" });
      onTestFinished(() => user.remove());
      const low = await sshdOf({ user: user.name });
      // 1 (tcpmux) is nobody's on any machine.
      expect(await complaint({ ...low.connection, sudo: true }, 1)).toContain(
        `listen on port 1: ${user.name} may not bind ports below 1024 there: log in as root, or set net.ipv4.ip_unprivileged_port_start=1 by sysctl on the host`,
      );
      expect(await complaint(low.connection, await freePort())).toBe("it was presented");
    },
  );

  it("names all it cannot tell apart where the login runs no commands", async () => {
    const { connection } = await sshdOf({
      allowTcpForwarding: "local",
      config: ["ForceCommand /bin/false"],
    });
    expect(await complaint(connection, await freePort())).toMatch(
      /the host refused it: another program may have the port, \w+ may not be allowed to bind it, or sshd forbids it/,
    );
    const mute = await sshdOf({ config: ["ForceCommand /bin/false"] });
    expect(await complaint(mute.connection, await freePort())).toBe("it was presented");
  });

  it("says that it was cut in the middle, to each who uses it, and can be opened again", async () => {
    const way = await cuttable(sshd.port);
    onTestFinished(() => way.close());
    const port = await freePort();
    const solver = httpTunnel({ connection: { ...sshd.connection, port: way.port }, port });
    const [mine, others] = [context(), context()];
    const [first, second] = await Promise.all([
      solver.present([proofOf("a.example")], mine),
      solver.present([proofOf("b.example")], others),
    ]);
    way.cut();
    const words = /the connection to the host was cut, and the tunnel with it$/;
    await expect.poll(() => first.broken?.()).toMatch(words);
    expect(second.broken?.()).toMatch(words);
    for (const { warn } of [mine, others]) {
      expect(warn.mock.calls).toEqual([[expect.stringMatching(words)]]);
    }
    await Promise.all([first.cleanUp(), second.cleanUp()]);
    await expect.poll(() => isListening(port)).toBe(false);
    const proof = proofOf("a.example");
    const again = await solver.present([proof], context());
    expect(again.broken?.()).toBeUndefined();
    expect(await (await get(port, proof.token)).text()).toBe(proof.keyAuthorization);
    await again.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("is given up with the issuance while the host does not answer, and leaves others alone", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(
      () =>
        new Promise((resolve) =>
          silent.close(() => {
            resolve(undefined);
          }),
        ),
    );
    const { port } = silent.address() as { port: number };
    const controller = new AbortController();
    const present = httpTunnel({ connection: { ...sshd.connection, port }, port: 1 }).present(
      [proofOf("a.example")],
      { ...context(), signal: controller.signal },
    );
    setTimeout(() => {
      controller.abort(new Error("stopped by the test"));
    }, 50);
    await expect(present).rejects.toThrow("stopped by the test");
  });
});

describeWithTools(["sshd", "ssh", "ssh-keygen"], "a tunnel by the command ssh", () => {
  it("is answered at the address that is asked for, and says what is missing", async () => {
    const sshd = await sshdOf({});
    const connection = { ...sshd.connection, transport: "openssh" } as const;
    const port = await freePort();
    const proof = proofOf("a.example");
    const presentation = await httpTunnel({ connection, port, address: "127.0.0.2" }).present(
      [proof],
      context(),
    );
    expect(await isListening(port)).toBe(false);
    const url = `http://127.0.0.2:${String(port)}/.well-known/acme-challenge/${proof.token}`;
    expect(await (await fetch(url)).text()).toBe(proof.keyAuthorization);
    await presentation.cleanUp();
    await expect(fetch(url)).rejects.toThrow("fetch failed");
    const forbidding = await sshdOf({ allowTcpForwarding: false });
    expect(
      await complaint({ ...forbidding.connection, transport: "openssh" }, await freePort()),
    ).toMatch(/the host forbids it: its sshd_config needs AllowTcpForwarding yes/);
    const gateless = await sshdOf({ gatewayPorts: false });
    expect(
      await complaint({ ...gateless.connection, transport: "openssh" }, await freePort()),
    ).toContain("set GatewayPorts clientspecified");
  });

  it("says that it was cut in the middle", async () => {
    const sshd = await sshdOf({});
    const port = await freePort();
    const connection = { ...sshd.connection, transport: "openssh" } as const;
    const solver = httpTunnel({ connection, port });
    const presentation = await solver.present([proofOf("a.example")], context());
    await sshd.cut();
    await expect
      .poll(() => presentation.broken?.(), { timeout: 10_000 })
      .toMatch(/the connection to the host was cut, and the tunnel with it$/);
    await presentation.cleanUp();
    expect(await isListening(port)).toBe(false);
  });
});

describeWithTools(["sshd", "ssh-keygen"], "a listener of a host", () => {
  it("is closed only once, and not lost when it is closed", async () => {
    const sshd = await sshdOf({});
    const port = await freePort();
    const lost = { told: false };
    await withHost(sshd.connection, async (host) => {
      const listener = await host.listen(port, {}, (connection) => connection.end("hello"));
      void listener.lost.then(() => (lost.told = true));
      expect(await isListening(port)).toBe(true);
      await expect(host.listen(port, {}, () => undefined)).rejects.toMatchObject({
        code: "port-in-use",
      });
      await Promise.all([listener.close(), listener.close()]);
      expect(await isListening(port)).toBe(false);
    });
    await sshd.cut();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lost.told).toBe(false);
  });
});
