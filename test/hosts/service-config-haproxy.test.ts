/** `ServiceConfig` with a real HAProxy, by its preset: the whole configuration file, with a bundle and a password in it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { commandsOf } from "../../sdk/deploy/services/together";
import type { Properties } from "../../sdk/provider/engine/handler";
import { serviceConfigHandler } from "../../sdk/provider/service-config";
import { createAuthority } from "../support/ca/certificate-authority";
import { type ResourceRun, resourceRun } from "../support/engine/handler-run";
import { NAME, servedAt } from "../support/nginx/deploy-site";
import { freePorts } from "../support/process/ports";
import { type ServerProcess, startServer } from "../support/process/server-process";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";
import { toolPath } from "../support/process/tool-paths";

const PASSWORD = "Tr0ub4dor-and-3";

describeWithTools(["haproxy"], "a configuration of HAProxy", () => {
  let folder: TemporaryDirectory;
  let path: string;
  let run: ResourceRun;
  let server: ServerProcess | undefined;
  let [port, other] = [0, 0];

  beforeAll(async () => {
    folder = await temporaryDirectory("haproxy-");
    path = join(folder.path, "haproxy.cfg");
    [port = 0, other = 0] = await freePorts(2);
    const { certificatePem, privateKeyPem } = await (await createAuthority()).issue([NAME]);
    await writeFile(join(folder.path, "bundle.pem"), certificatePem + privateKeyPem);
    run = resourceRun(serviceConfigHandler);
  });
  afterAll(async () => {
    await server?.stop();
    await folder.remove();
  });

  const content = (status: number, at = port, more = ""): string => `defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
userlist admins
    user admin insecure-password ${PASSWORD}
frontend https
    bind 127.0.0.1:${String(at)} ssl crt ${folder.path}/bundle.pem
    http-request return status ${String(status)}${more}
`;
  const address = (): string => `127.0.0.1:${String(port)}`;
  function news(text: string, more: object = {}): Properties {
    const { test = "", reload = "" } = commandsOf("haproxy", {}, { paths: {} });
    const before = `export ACME_CONFIG='${path}' ACME_PIDFILE='${folder.path}/haproxy.pid'`;
    return {
      connection: "local",
      service: "haproxy",
      path,
      content: text,
      mode: "0600",
      test: `${before}; ${test}`,
      reload: `${before}; ${reload}`,
      __urn: "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:ServiceConfig::haproxy",
      __secretConfig: true,
      ...more,
    };
  }
  const status = async (): Promise<number> => {
    const { get } = await import("node:https");
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, servername: NAME, rejectUnauthorized: false };
      get({ ...options, agent: false }, (response) => {
        resolve(response.resume().statusCode ?? 0);
      }).on("error", reject);
    });
  };
  const answers = (wanted: number) =>
    expect.poll(() => status().catch(() => 0), { timeout: 10_000 }).toBe(wanted);

  it("lies there before it runs, and is what it starts with", async () => {
    await run.up(news(content(200)));
    expect(run.warnings().join()).toMatch(/haproxy does not run .*; the new files are kept/);
    const files = ["-W", "-db", "-f", path, "-p", join(folder.path, "haproxy.pid")];
    server = await startServer(toolPath("haproxy"), files, {
      ready: async () => (await servedAt(address())) !== undefined,
    });
    await answers(200);
  });

  it("is changed by a reload, and has to answer TLS afterwards", async () => {
    await run.up(news(content(403), { verify: { address: address() } }));
    expect(run.state["reloaded"]).toBe(true);
    expect(run.warnings()).toEqual([]);
    await answers(403);
  });

  it("that it does not take is put back; its words come without what is secret", async () => {
    const before = await readFile(path, "utf8");
    const bad = content(200, port, `\n    no-such-thing ${PASSWORD}`);
    const attempt = run.up(news(bad));
    await expect(attempt).rejects.toThrow(
      /: test: .*haproxy\.cfg:12\] ?: unknown \S+ '\[secret\]'.*the old files are in use again/s,
    );
    await expect(attempt).rejects.not.toThrow(/no-such-thing|Tr0ub4dor/);
    expect(await readFile(path, "utf8")).toBe(before);
    await answers(403);
  });

  it("with which it does not answer any more is put back", async () => {
    const verify = { address: address(), timeout: "2s" };
    await expect(run.up(news(content(200, other), { verify }))).rejects.toThrow(
      /does not answer a TLS handshake .*; the old files are in use again, and were reloaded/,
    );
    await answers(403);
  });
});
