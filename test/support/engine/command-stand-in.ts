/**
 * A stand-in for the plugin of `@pulumi/command`, which really runs what it is given: over SSH, with OpenSSH's client.
 *
 * It is a program of its own: the engine starts it, as `pulumi-resource-command`. See `plugins.ts`.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as provider from "@pulumi/pulumi/provider";

interface Properties {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly privateKey: string;
    readonly hostKey: string;
  };
  readonly create?: string;
  readonly delete?: string;
  readonly stdin?: string;
  readonly source?: { readonly text: Promise<string> };
  readonly remotePath?: string;
}

function onHost({ connection }: Properties, command: string, input = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "command-"));
  try {
    const key = join(folder, "key");
    const knownHosts = join(folder, "known_hosts");
    const { host, port, user, privateKey, hostKey } = connection;
    writeFileSync(key, privateKey, { mode: 0o600 });
    writeFileSync(knownHosts, `[${host}]:${String(port)} ${hostKey}\n`);
    const options = ["BatchMode=yes", `UserKnownHostsFile=${knownHosts}`].flatMap((each) => [
      "-o",
      each,
    ]);
    return execFileSync(
      "ssh",
      ["-F", "none", ...options, "-i", key, "-p", String(port), `${user}@${host}`, command],
      { encoding: "utf8", input },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Secrets come wrapped, at any depth. Assets have a signature of their own. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null || "__pulumiAsset" in value) return value;
  const properties = value as Record<string, unknown>;
  if (properties[SIGNATURE] === SECRET) return unwrapped(properties["value"]);
  const entries = Object.entries(properties).map(([key, each]) => [key, unwrapped(each)]);
  return Object.fromEntries(entries) as unknown;
}

async function perform(wrapped: Record<string, unknown>): Promise<Record<string, unknown>> {
  const inputs = unwrapped(wrapped) as Properties;
  if (inputs.remotePath !== undefined) {
    onHost(inputs, `cat > '${inputs.remotePath}'`, await inputs.source?.text);
    return wrapped;
  }
  return { ...wrapped, stdout: onHost(inputs, inputs.create ?? "true", inputs.stdin), stderr: "" };
}

const standIn: provider.Provider = {
  version: "1.2.1",
  check: (_urn, _olds, inputs: unknown) => Promise.resolve({ inputs, failures: [] }),
  // As the real one: another trigger runs everything again, in place of the former.
  diff: (_id, _urn, olds: Record<string, unknown>, news: Record<string, unknown>) => {
    const isOther = (key: string): boolean =>
      JSON.stringify(olds[key]) !== JSON.stringify(news[key]);
    const changed = Object.keys(news).filter((key) => key !== "source" && isOther(key));
    return Promise.resolve({
      changes: changed.length > 0,
      replaces: changed.includes("triggers") ? ["triggers"] : [],
    });
  },
  create: async (_urn, inputs: Record<string, unknown>) => ({
    id: randomUUID(),
    outs: await perform(inputs),
  }),
  update: async (_id, _urn, _olds, news: Record<string, unknown>) => ({
    outs: await perform(news),
  }),
  delete: (_id, _urn, wrapped: unknown) => {
    const props = unwrapped(wrapped) as Properties;
    if (props.delete !== undefined) onHost(props, props.delete);
    return Promise.resolve();
  },
};

void provider.main(standIn, process.argv.slice(2));
