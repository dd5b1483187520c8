import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { afterEach, expect, it } from "vitest";

import { type Connection, withHost } from "../../sdk/hosts";
import { messageOf } from "../../sdk/util/errors";
import { freePort } from "../support/process/ports";
import { startSshd } from "../support/ssh/sshd";
import { describeWithTools } from "../support/process/tools";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const base = { hostKey: KEY, password: "x", dialErrorLimit: 1 };

const reach = (connection: Connection): Promise<number> =>
  withHost(connection, async (host) => (await host.run("true")).code);

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A TCP server that does `greet` with each connection. */
async function strangeServer(greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  );
  return (server.address() as AddressInfo).port;
}

describeWithTools(["sshd", "ssh-keygen"], "a host that cannot be reached", () => {
  it("because nothing listens is said to refuse", async () => {
    const port = await freePort();
    await expect(reach({ ...base, host: "127.0.0.1", port })).rejects.toMatchObject({
      name: "HostError",
      code: "unreachable",
      step: "connect",
      message: `root@127.0.0.1:${String(port)}: connect: connection refused: nothing listens on that port (yet)`,
    });
  });

  it.each(["ssh2", "openssh"] as const)(
    "by %s is told of once, however often it was tried and whoever quotes the error",
    async (transport) => {
      const port = await freePort();
      const host = { ...base, host: "127.0.0.1", user: "deploy", port, transport };
      for (const connection of [
        { ...host, dialErrorLimit: 2 },
        { ...base, host: "192.0.2.1", proxy: { ...host, dialErrorLimit: 2 } },
      ]) {
        const error = await reach(connection).catch((e: unknown) => e);
        expect(messageOf(error)).toBe((error as Error).message);
        expect(messageOf(error)).toMatch(
          /^\S+: connect: connection refused: nothing listens on that port \(yet\) \(tried 2 times in \d+ s\)$/,
        );
      }
    },
  );

  it("because its name does not exist is said so", async () => {
    await expect(reach({ ...base, host: "no-such-host.invalid" })).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/no such host name|could not be looked up/) as string,
    });
  });

  it("because it never answers is a timeout of perDialTimeout, twice if there are two tries", async () => {
    const port = await strangeServer(() => undefined);
    const connection = { ...base, host: "127.0.0.1", port, perDialTimeout: 1, dialErrorLimit: 2 };
    await expect(reach(connection)).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringMatching(
        /no answer within 1 s \(perDialTimeout\) \(tried 2 times/,
      ) as string,
    });
  });

  it.each([
    [
      "HTTP",
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      /answers on that port: "HTTP\/1.1 400 Bad Request"/,
    ],
    [
      "mail",
      "220 mail.example.com ESMTP\r\n",
      /answers on that port: "220 mail.example.com ESMTP"/,
    ],
    ["a very old SSH", "SSH-1.5-Old\r\n", /Invalid identification string/],
  ])("because %s answers is not tried again", async (_what, greeting, expected) => {
    let connections = 0;
    const port = await strangeServer((socket) => {
      connections += 1;
      socket.write(greeting);
    });
    const connection = { ...base, host: "127.0.0.1", port, dialErrorLimit: 3 };
    await expect(reach(connection)).rejects.toMatchObject({
      code: "protocol",
      message: expect.stringMatching(expected) as string,
    });
    expect(connections).toBe(1);
  });

  it("because it closes every connection at once is tried again: it may be busy", async () => {
    let connections = 0;
    const port = await strangeServer((socket) => {
      connections += 1;
      socket.end();
    });
    const connection = { ...base, host: "127.0.0.1", port, dialErrorLimit: 2 };
    await expect(reach(connection)).rejects.toMatchObject({ code: "unreachable" });
    expect(connections).toBe(2);
  });

  // @see jtesta/ssh-audit#349, PegaProx/project-pegaprox#548
  it.each([
    [
      "ssh2",
      "Not allowed at this time\r\n",
      /said "Not allowed at this time": .*PerSourcePenaltyExemptList/,
    ],
    [
      "openssh",
      "Not allowed at this time\r\n",
      /said "Not allowed at this time": .*PerSourcePenaltyExemptList/,
    ],
    ["ssh2", "Exceeded MaxStartups\r\n", /said "Exceeded MaxStartups": .*raise MaxStartups/],
    [
      "ssh2",
      "Closed for\r\nthe night\r\n",
      /the host closed the connection and said "Closed for the night"$/,
    ],
    ["ssh2", "", /the host closed the connection before it said anything$/],
  ] as const)("by %s, that hangs up after %j is quoted", async (transport, words, expected) => {
    const port = await strangeServer((socket) => socket.end(words));
    const connection = { ...base, host: "127.0.0.1", port, transport };
    await expect(reach(connection)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(expected) as string,
    });
  });

  it("is tried again while it starts, and that is said", async () => {
    const said: string[] = [];
    const sshd = await startSshd();
    cleanUps.push(() => sshd.stop());
    await sshd.cut();
    const reached = withHost(
      { ...sshd.connection, dialErrorLimit: 8 },
      async (host) => (await host.run("true")).code,
      { progress: (message) => said.push(message) },
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    await sshd.start();
    expect(await reached).toBe(0);
    expect(said[0]).toMatch(/connection refused.*\(try 1 of 8\)/);
  });

  it("is given up at once when the caller does", async () => {
    const port = await strangeServer(() => undefined);
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(new Error("no longer"));
    }, 100);
    const reached = withHost({ ...base, host: "127.0.0.1", port }, (host) => host.run("true"), {
      signal: controller.signal,
    });
    await expect(reached).rejects.toThrow("no longer");
  });
});

describeWithTools(["sshd", "ssh-keygen"], "a connection that is cut", () => {
  it("in the middle of a command ends it with connection-lost, and the next one opens anew", async () => {
    const sshd = await startSshd();
    cleanUps.push(() => sshd.stop());
    const run = withHost(sshd.connection, (host) => host.run("echo begun; sleep 30"));
    const lost = expect(run).rejects.toMatchObject({ name: "HostError", code: "connection-lost" });
    await new Promise((resolve) => setTimeout(resolve, 800));
    await sshd.cut();
    await lost;
    await sshd.start();
    expect(await reach(sshd.connection)).toBe(0);
  });

  it("in the middle of a write ends the conversation with connection-lost", async () => {
    const sshd = await startSshd();
    cleanUps.push(() => sshd.stop());
    await withHost(sshd.connection, async (host) => {
      const talk = await host.converse("echo ready; sleep 30; cat >/dev/null");
      expect(await talk.readLine()).toBe("ready");
      const write = (async () => {
        for (;;) await talk.write(Buffer.alloc(1_000_000));
      })();
      const reading = talk.readLine();
      const settled = Promise.allSettled([write, reading]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await sshd.cut();
      for (const result of await settled) {
        expect(result).toMatchObject({ status: "rejected", reason: { code: "connection-lost" } });
      }
      await expect(talk.end()).rejects.toMatchObject({ code: "connection-lost" });
      await expect(host.run("true")).rejects.toMatchObject({ code: "connection-lost" });
    });
  });

  it("or rather hangs does not hold up a command beyond its time", async () => {
    const sshd = await startSshd();
    cleanUps.push(() => sshd.stop());
    await withHost(sshd.connection, async (host) => {
      // Our shell is what sshd's process for this connection has started.
      const session = Number((await host.run("echo $PPID")).stdout);
      const run = host.run("sleep 30", { timeoutMs: 1500 });
      const ended = expect(run).rejects.toMatchObject({ code: "timeout" });
      await new Promise((resolve) => setTimeout(resolve, 800));
      process.kill(session, "SIGSTOP");
      const startedAt = Date.now();
      await ended;
      expect(Date.now() - startedAt).toBeLessThan(15_000);
      process.kill(session, "SIGCONT");
    });
  });
});
