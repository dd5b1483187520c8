/** `ServiceConfig` with a real nginx: written, tested, switched, reloaded, asked; or put back. */
import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ServicePort } from "../../sdk/deploy/services/together";
import { localHost } from "../../sdk/hosts/local/host";
import type { Properties } from "../../sdk/provider/engine/handler";
import { serviceConfigHandler } from "../../sdk/provider/service-config";
import { expectationsOf, insist } from "../../sdk/provider/service-config/answer";
import type { ServiceConfigArguments } from "../../sdk/provider/service-config/arguments";
import { sha256Of } from "../../sdk/util/sha256";
import { resourceRun, type ResourceRun } from "../support/engine/handler-run";
import { startNginx, type Nginx } from "../support/nginx/nginx";
import { closeServer, isListening, listenOn } from "../support/process/ports";

const usual = vi.hoisted(() => ({ ports: [] as ServicePort[] }));
// Where services usually listen, other programs of this machine may.
vi.mock("../../sdk/deploy/services/together", async (original) => ({
  ...(await original<object>()),
  portsOf: () => usual.ports,
  portsAt: (_service: unknown, given?: number) =>
    given === undefined ? usual.ports : [{ port: given }],
}));

const URN = "urn:pulumi:test::configs::pulumi-nodejs:dynamic/acme:ServiceConfig::";

describe("a configuration of nginx", () => {
  let nginx: Nginx;
  let path: string;
  beforeEach(async () => {
    usual.ports = [];
    nginx = await startNginx();
    path = join(nginx.configDirectory, "echo.conf");
  });
  afterEach(() => nginx.stop());

  const echo = (words: string, port = nginx.httpPort): string =>
    `server { listen 127.0.0.1:${String(port)}; return 200 "${words}"; }\n`;
  const news = (more: object = {}): Properties => ({
    connection: "local",
    path,
    content: echo("one"),
    service: "nginx",
    test: nginx.test,
    reload: nginx.reload,
    __urn: `${URN}echo`,
    ...more,
  });
  async function created(args: Properties): Promise<ResourceRun> {
    const run = resourceRun(serviceConfigHandler);
    await run.up(args);
    return run;
  }
  const says = (words: string, port = nginx.httpPort) =>
    expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${String(port)}/`)
            .then((response) => response.text())
            .catch(() => "nothing"),
        { timeout: 5000, interval: 20 },
      )
      .toBe(words);
  const onDisk = (): Promise<string> => readFile(path, "utf8");

  it("is created, changed and removed", async () => {
    const run = await created(news());
    await says("one");
    expect(run.state).toMatchObject({ path, sha256: sha256Of(echo("one")), reloaded: true });
    const [first, ...rest] = (await onDisk()).split("\n");
    expect(first).toMatch(new RegExp(`^# Managed by pulumi-acme, .* ${URN}echo$`));
    expect(rest.join("\n")).toBe(echo("one"));
    expect(await run.up(news())).toBe("unchanged");

    expect(await run.up(news({ content: echo("two") }))).toBe("updated");
    await says("two");
    expect(run.warnings()).toEqual([]);

    await run.destroy();
    await says("nothing");
    expect(await readdir(nginx.configDirectory)).toEqual([]);
    expect(run.warnings()).toEqual([]);
  });

  it("that nginx does not take is put back, with nginx's own words", async () => {
    const run = await created(news());
    const before = await onDisk();
    const bad = news({ content: "server { no_such_directive; }\n" });
    await expect(run.up(bad)).rejects.toThrow(
      /: test: .*unknown directive "no_such_directive" in .*echo\.conf:2.*the old files are in use again/s,
    );
    expect(await onDisk()).toBe(before);
    await says("one");
  });

  it("that holds a secret is not quoted in nginx's words, whatever of it nginx quotes", async () => {
    const content = 'server { auth_key "Tr0ub4dor-and-3"; }\n';
    const run = resourceRun(serviceConfigHandler);
    const attempt = run.up(news({ content, __secretConfig: true }));
    await expect(attempt).rejects.toThrow(/unknown directive "\[secret\]" in .*echo\.conf:2/);
    await expect(attempt).rejects.not.toThrow(/auth_key|Tr0ub4dor/);
    const open = await created(news({ __secretConfig: true }));
    expect(open.warnings().join()).toContain("every user of the host can read the file");
    const closed = resourceRun(serviceConfigHandler);
    const elsewhere = join(nginx.configDirectory, "closed.conf");
    const args = { path: elsewhere, content: "# Tr0ub4dor\n", mode: "0600", __urn: `${URN}closed` };
    await closed.up(news({ ...args, __secretConfig: true }));
    expect(closed.warnings()).toEqual([]);
    expect((await stat(elsewhere)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(closed.state)).not.toContain("Tr0ub4dor");
  });

  it("does not overwrite what somebody else wrote, nor another resource's file", async () => {
    await writeFile(path, "# mine\n");
    await expect(created(news())).rejects.toThrow(
      /not written by pulumi-acme; remove it, or give this configuration another path/,
    );
    expect(await onDisk()).toBe("# mine\n");
    await rm(path);

    const both = await Promise.allSettled([
      created(news({ content: echo("first") })),
      created(news({ content: echo("second"), __urn: `${URN}other` })),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(both[1]).toMatchObject({
      reason: {
        message: expect.stringContaining(`belongs to another resource (${URN}echo)`) as string,
      },
    });
    await says("first");
  });

  it("is found changed at a refresh, in content, mode and existence, and repaired", async () => {
    const run = await created(news());
    const whole = await onDisk();
    const drifts: [() => Promise<void>, string][] = [
      [() => writeFile(path, whole.replace("one", "two")), "was changed on the host"],
      [() => chmod(path, 0o600), "has mode 0600, not 0644"],
      [() => rm(path), "is gone"],
    ];
    await run.refresh();
    expect(await run.up(news())).toBe("unchanged");
    for (const [damage, words] of drifts) {
      await damage();
      await run.refresh();
      expect(run.state["__state"]).toHaveProperty("drift", [expect.stringContaining(words)]);
      expect(await run.up(news())).toBe("updated");
      expect(await onDisk()).toBe(whole);
      expect((await stat(path)).mode & 0o777).toBe(0o644);
    }
    await writeFile(path, "# mine\n");
    await run.refresh();
    await expect(run.up(news())).rejects.toThrow(/not written by pulumi-acme/);
    await run.destroy();
    expect(await onDisk()).toBe("# mine\n");
    expect(run.warnings().join()).toContain("left as it is");
  });

  it("without a first line is its own by the list beside it", async () => {
    const plain = (more: object = {}) => news({ commentPrefix: false, ...more });
    const run = await created(plain());
    expect(await onDisk()).toBe(echo("one"));
    // A former life of it, killed before it was saved.
    const again = await created(plain());
    expect(again.warnings()).toEqual([]);
    const other = created(plain({ __urn: `${URN}other` }));
    await expect(other).rejects.toThrow(`belongs to another resource (${URN}echo)`);

    await writeFile(path, "# edited\n");
    await again.refresh();
    expect(again.state["__state"]).toHaveProperty("drift.0", `${path} was changed on the host`);
    expect(await again.up(plain())).toBe("updated");
    expect(await onDisk()).toBe(echo("one"));

    await run.destroy();
    expect(await onDisk()).toBe(echo("one"));
    await writeFile(path, "# edited\n");
    await again.destroy();
    expect(await onDisk()).toBe("# edited\n");
    expect(again.warnings().join()).toContain("it was changed since it was written");
    await expect(created(plain({ content: "" }))).resolves.toBeDefined();
  });

  it("gets another first line, or none, and stays its own", async () => {
    const run = await created(news());
    for (const commentPrefix of [false, "#"]) {
      expect(await run.up(news({ commentPrefix }))).toBe("updated");
      const first = (await onDisk()).split("\n", 1)[0] ?? "";
      expect(first.startsWith("# Managed")).toBe(commentPrefix === "#");
    }
    await run.destroy();
    expect(await readdir(nginx.configDirectory)).toEqual([]);
  });

  it("after which nothing answers is put back", async () => {
    const run = await created(news());
    await says("one");
    const verify = { address: `127.0.0.1:${String(nginx.httpPort)}`, tls: false, timeout: "1s" };
    const moved = echo("two", nginx.httpsPort);
    await expect(run.up(news({ content: moved, verify }))).rejects.toThrow(
      /verify: after 1 s 127\.0\.0\.1:\d+ does not answer a connection \(.*ECONNREFUSED.*old files are in use again, and were reloaded/,
    );
    await says("one");
    const tls = { ...verify, tls: true };
    await expect(run.up(news({ content: echo("two"), verify: tls }))).rejects.toThrow(
      /does not answer a TLS handshake/,
    );
    await says("one");
    expect(await run.up(news({ content: echo("two"), verify }))).toBe("updated");
    expect(await run.up(news({ content: moved, verify: false }))).toBe("updated");
    await says("two", nginx.httpsPort);
  });

  it("must answer at the service's port where something answered before, and only there", async () => {
    const args = news() as unknown as ServiceConfigArguments;
    const { signal } = new AbortController();
    const expectations = () => expectationsOf(localHost, args, signal);
    expect(await expectations()).toEqual([]);
    usual.ports = [{ service: "nginx", port: nginx.httpPort }];
    expect(await expectations()).toEqual([]);
    await created(news());
    await expect.poll(() => isListening(nginx.httpPort)).toBe(true);
    const [seen] = await expectations();
    expect(seen).toMatchObject({ answer: "tcp", answeredBefore: true });
    if (seen === undefined) return;
    await insist(localHost, seen, signal);
    const gone = { ...seen, timeoutMs: 1, endpoint: { ...seen.endpoint, port: nginx.httpsPort } };
    await expect(insist(localHost, gone, signal)).rejects.toThrow(
      /as it did before; if it is not meant to any more, give verify: false/,
    );
  });

  it("is asked for no handshake where a connection is all that must answer", async () => {
    const heard: Buffer[] = [];
    const silent = createServer((socket) => {
      socket.on("error", () => undefined).on("data", (piece) => heard.push(piece));
    });
    const port = await listenOn(silent);
    const address = `127.0.0.1:${String(port)}`;
    const args = news({ verify: { address, tls: false } }) as unknown as ServiceConfigArguments;
    const { signal } = new AbortController();
    for (const wanted of await expectationsOf(localHost, args, signal))
      await insist(localHost, wanted, signal);
    await closeServer(silent);
    expect(heard).toEqual([]);
  });

  it("lies there for an nginx that does not run, with a warning; who insists on an answer is told so", async () => {
    const stopped = { reload: `echo 'nginx is not running' >&2; exit 1` };
    const run = await created(news(stopped));
    expect(run.warnings().join()).toMatch(/nginx does not run \(.*\); the new files are kept/);
    expect(run.state).toMatchObject({ reloaded: false });
    await run.destroy();

    const verify = { address: `127.0.0.1:${String(nginx.httpPort)}`, tls: false };
    const insisting = resourceRun(serviceConfigHandler);
    await expect(insisting.up(news({ ...stopped, verify }))).rejects.toThrow(/does not run/);
    // It is remembered, so that a destroy removes it.
    expect(await onDisk()).toContain("one");
    await insisting.destroy();
    expect(await readdir(nginx.configDirectory)).toEqual([]);
  });
});
