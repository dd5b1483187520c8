/**
 * What the real engine stores of every resource, against the fixture of the version in package.json.
 *
 * Before a release, `WRITE_STATES=true npx vitest run test/pulumi/released-states.test.ts` writes the fixture of a new
 * version; the fixture of a released one is never written again (see `test/unit/provider/released-states.test.ts`).
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type AcmeDnsService, startAcmeDns } from "../support/dns/acme-dns-api";
import { httpsProgram } from "../support/engine/https-program";
import { createStack, type Stack } from "../support/engine/pulumi";
import { startWebHost, type WebHost } from "../support/ssh/web-host";

interface Stored {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

const SECRET = "4dabf18193072939515e22adb298388d";
const repository = resolve(__dirname, "../..");

let host: WebHost;
let acmeDns: AcmeDnsService;
let stack: Stack;

beforeAll(async () => {
  [host, acmeDns] = await Promise.all([startWebHost(), startAcmeDns()]);
  stack = await createStack(program());
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([host.stop(), acmeDns.stop()]);
});

/** The quickstart, an order whose challenges the same web server answers, a registration at acme-dns, and a configuration. */
function program(): string {
  const names = ["www.one.example", "ordered.example"];
  const order = { dnsNames: ["ordered.example"], challenge: "http-01", profile: "default" };
  const delegation = { url: acmeDns.url, dnsName: "ordered.example", allowFrom: ["192.0.2.0/24"] };
  const { configDirectory, test, reload } = host.nginx;
  const file = { path: join(configDirectory, "own.conf"), content: "# own\n", mode: "0640" };
  const config = { ...file, service: "nginx", test, reload, verify: false };
  return `
    ${httpsProgram(host, names)}
    const order = new acme.AcmeOrder("order", { account, ...${JSON.stringify(order)} });
    new acme.AcmeCertificate("ordered", { account, order, preflight: settings.certificate.preflight }, { dependsOn: challenge });
    new acme.AcmeDnsRegistration("delegation", ${JSON.stringify(delegation)});
    new acme.ServiceConfig("own", { connection, ...${JSON.stringify(config)} });
  `;
}

/** What the state holds of our resources, secrets in clear; the stack is gone, so they open nothing. */
async function stored(): Promise<Stored[]> {
  const { resources } = await stack.exportState({ showSecrets: true });
  return resources
    .filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/acme:"))
    .map(({ type, inputs, outputs }) => inClear({ type, inputs, outputs }) as Stored);
}

function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value)
    return inClear(JSON.parse((value as unknown as { plaintext: string }).plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inClear(item)]));
}

/** The names of all fields of `value`, with their paths; what maps the user's own names ends at the map. */
function fieldsOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((item) => fieldsOf(item, `${path}[]`));
  if (typeof value !== "object" || value === null || path.endsWith("profiles")) return [path];
  return Object.entries(value).flatMap(([key, item]) =>
    fieldsOf(item, path === "" ? key : `${path}.${key}`),
  );
}

/** For each class, the fields of all its resources, as one list. */
function shapesOf(states: readonly Stored[]): Record<string, string[]> {
  const shapes = new Map<string, Set<string>>();
  for (const { type, inputs, outputs } of states) {
    const fields = shapes.get(type) ?? new Set<string>();
    for (const field of fieldsOf({ inputs, outputs })) fields.add(field);
    shapes.set(type, fields);
  }
  return Object.fromEntries([...shapes].map(([type, fields]) => [type, [...fields].sort()]));
}

describe("the state of every resource", () => {
  it("has the fields of the fixture of this version, no more and no fewer", async () => {
    await stack.up();
    // What became of the order is recorded by a refresh.
    await stack.refresh();
    const states = await stored();
    const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
      version: string;
    };
    const fixture = join(repository, "test", "fixtures", "states", `${version}.json`);
    if (process.env["WRITE_STATES"] === "true") {
      await writeFile(fixture, `${JSON.stringify(states, undefined, 2)}\n`);
    }
    expect(shapesOf(states)).toEqual(
      shapesOf(JSON.parse(await readFile(fixture, "utf8")) as Stored[]),
    );
  }, 180_000);
});
