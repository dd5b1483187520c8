/** Makes the stand-in of Pulumi's DNS plugins, programs that the engine finds. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "../process/temp";
import { linkPackages, writePlugins } from "./plugin-program";

const PROVIDERS = ["cloudflare", "aws", "azure-native", "digitalocean", "gcp", "hcloud"];

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
  await mkdir(store);
  await writePlugins(folder.path, PROVIDERS, "dns-stand-in.ts");
  await linkPackages(folder.path);
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
