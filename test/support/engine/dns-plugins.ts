/** Makes the stand-in of Pulumi's DNS plugins, programs that the engine finds. */
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import ts from "typescript";
import { temporaryDirectory } from "../process/temp";

const PROVIDERS = ["cloudflare", "aws", "digitalocean", "gcp", "hcloud"];

interface HeldRecord {
  readonly name: string;
  readonly type: string;
  readonly values: readonly string[];
}

export interface DnsPlugins {
  /** For `StackOptions.plugins`. */
  readonly folder: string;
  /** For `StackOptions.env`. */
  readonly env: Readonly<Record<string, string>>;
  /** The records that they hold; TXT values may stand in quotation marks. */
  records(): Promise<HeldRecord[]>;
  remove(): Promise<void>;
}

/** @param managementUrl - of challtestsrv, which serves the records */
export async function dnsPlugins(managementUrl: string): Promise<DnsPlugins> {
  const folder = await temporaryDirectory("plugin-");
  const store = join(folder.path, "records");
  const source = await readFile(join(__dirname, "dns-stand-in.ts"), "utf8");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  await mkdir(store);
  for (const provider of PROVIDERS) {
    const executable = join(folder.path, `pulumi-resource-${provider}`);
    await writeFile(executable, `#!/usr/bin/env node\n${outputText}`, { mode: 0o755 });
  }
  const pulumi = createRequire(__filename).resolve("@pulumi/pulumi/package.json");
  await symlink(dirname(dirname(dirname(pulumi))), join(folder.path, "node_modules"));
  return {
    folder: folder.path,
    env: { STAND_IN_STORE: store, STAND_IN_DNS: managementUrl },
    records: async () => {
      const files = await readdir(store);
      const texts = await Promise.all(files.map((file) => readFile(join(store, file), "utf8")));
      return texts.flatMap((text) => Object.values(JSON.parse(text) as Record<string, HeldRecord>));
    },
    remove: () => folder.remove(),
  };
}
