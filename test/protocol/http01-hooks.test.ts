/** http-01 by a program and by a web service of the user's, before a real CA. */
import { X509Certificate } from "node:crypto";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";

import type { AccountCredentials } from "../../sdk/acme";
import { exec, webhook } from "../../sdk/challenges/http-01";
import { startPebble, type Pebble } from "../support/ca/pebble";
import { temporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";
import { startHttp01Responder } from "../support/ca/http01-responder";
import { connect, dnsNames, register, type TestClient } from "../support/ca/issue";
import { issueBy } from "../support/ca/prove";

describeWithTools(["pebble", "pebble-challtestsrv"], "http-01 by the user's own means", () => {
  let pebble: Pebble;
  let client: TestClient;
  let credentials: AccountCredentials;

  beforeAll(async () => {
    pebble = await startPebble();
    client = connect(pebble);
    credentials = await register(client.client);
  });
  afterAll(async () => {
    await client.close();
    await pebble.stop();
  });

  const identifiers = [
    ...dnsNames("a.example", "b.example"),
    { type: "ip", value: "127.0.0.1" } as const,
  ];
  const proven = "DNS:a.example, DNS:b.example, IP Address:127.0.0.1";
  const issued = async (solver: ReturnType<typeof exec>): Promise<string | undefined> =>
    new X509Certificate(await issueBy({ client: client.client, credentials, solver }, identifiers))
      .subjectAltName;

  it("is proven by a program that puts files where a web server finds them, and takes them away", async () => {
    const folder = await temporaryDirectory("hook-");
    onTestFinished(() => folder.remove());
    const [root, hook] = [join(folder.path, "www"), join(folder.path, "hook")];
    await mkdir(root);
    const script = [
      "#!/bin/sh -eu",
      "case $1 in",
      'present) printf %s "$4" > "$ROOT/$3";;',
      'cleanup) rm -- "$ROOT/$3";;',
      "esac",
    ];
    await writeFile(hook, script.join("\n"));
    await chmod(hook, 0o755);
    const web = createServer((request, response) => {
      const token = request.url?.split("/").at(-1) ?? "";
      readFile(join(root, token)).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => web.listen(pebble.httpPort, "127.0.0.1", resolve));
    onTestFinished(() => {
      web.close();
      web.closeAllConnections();
    });
    expect(await issued(exec({ command: [hook], environment: { ROOT: root } }))).toBe(proven);
    expect(await readdir(root)).toEqual([]);
  });

  it("is proven by a web service that answers in our place, and forgets again", async () => {
    const responder = await startHttp01Responder(pebble.httpPort);
    const service = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
        const { token = "", keyAuthorization = "" } = body;
        if (request.url === "/hook/present") responder.answers.set(token, keyAuthorization);
        if (request.url === "/hook/cleanup") responder.answers.delete(token);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      service.close();
      service.closeAllConnections();
      await responder.stop();
    });
    const { port } = service.address() as { port: number };
    expect(await issued(webhook({ url: `http://127.0.0.1:${String(port)}/hook` }))).toBe(proven);
    expect(responder.answers.size).toBe(0);
  });
});
