/** `ServiceConfig` on the real engine: its secret is in the file, and nowhere else. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { createStack, type PulumiResult, type Stack } from "../support/engine/pulumi";
import { startNginx, type Nginx } from "../support/nginx/nginx";

const SECRETS = ["Tr0ub4dor-and-3", "correct-h0rse-battery"] as const;

let nginx: Nginx;
let stack: Stack;
let path: string;
const seen: string[] = [];

beforeAll(async () => {
  nginx = await startNginx();
  path = join(nginx.configDirectory, "secret.conf");
  const { test, reload } = nginx;
  const common = { connection: "local", service: "nginx", test, reload };
  stack = await createStack(
    `
      import * as pulumi from "@pulumi/pulumi";
      import * as acme from "pulumi-acme";
      const common = ${JSON.stringify(common)};
      const config = new pulumi.Config();
      const secret = new acme.ServiceConfig("secret", {
        ...common, path: ${JSON.stringify(path)}, mode: "0600", verify: false,
        content: pulumi.interpolate\`server { listen 127.0.0.1:${String(nginx.httpPort)}; \${config.getSecret("word") ?? "return"} 200 "\${config.requireSecret("password")}"; }\\n\`,
      } as any);
      const open = new acme.ServiceConfig("open", {
        ...common, path: ${JSON.stringify(join(nginx.configDirectory, "open.conf"))}, verify: "report",
        content: "# plain words\\n",
      } as any);
      export const secretSum = secret.sha256;
      export const openSum = open.sha256;
      export const reloaded = secret.reloaded;
    `,
    { config: { password: { secret: SECRETS[0] } } },
  );
}, 120_000);
afterAll(async () => {
  await stack.stop();
  await nginx.stop();
});

function note(result: PulumiResult): PulumiResult {
  seen.push(result.stdout, result.stderr, ...result.diagnostics.map(({ message }) => message));
  return result;
}

it("is created, changed, refreshed and destroyed, and its secret shows in no diff, message or state", async () => {
  expect(note(await stack.up({ args: ["--diff"] })).changes).toEqual({ create: 3 });
  expect(await readFile(path, "utf8")).toContain(SECRETS[0]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const outputs = await stack.outputs();
  expect(outputs["reloaded"]).toBe(true);
  expect(note(await stack.run(["stack", "output"])).stdout).toMatch(
    /openSum +[0-9a-f]{64}\s[^]*secretSum +\[secret\]/,
  );

  await stack.run(["config", "set", "--secret", "password", SECRETS[1]]);
  expect(note(await stack.up({ args: ["--diff"] })).changes).toEqual({ same: 2, update: 1 });
  expect(note(await stack.refresh({ args: ["--diff"] })).changes).toEqual({ same: 3 });

  // What nginx does not understand it quotes.
  await stack.run(["config", "set", "--secret", "word", SECRETS[0]]);
  const failed = note(await stack.up({ expectFailure: true, args: ["--diff"] }));
  expect(failed.stdout + failed.stderr).toMatch(
    /unknown directive "\[secret\]" in .*secret\.conf:2/,
  );
  expect(await readFile(path, "utf8")).toContain(SECRETS[1]);

  const { text } = await stack.exportState();
  const all = [...seen, text].join("\n");
  expect(all).toContain("plain words");
  expect(SECRETS.filter((secret) => all.includes(secret))).toEqual([]);

  await stack.run(["config", "rm", "word"]);
  expect(note(await stack.destroy()).changes).toEqual({ delete: 3 });
  await expect(stat(path)).rejects.toThrow(/ENOENT/);
}, 240_000);
