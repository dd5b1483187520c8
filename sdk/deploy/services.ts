/** What is known about services: their files, and the commands that make them read those. */
import { DEFAULT_RELOAD, DEFAULT_TEST } from "../nginx/commands";

export const FILE_CONTENTS = [
  "fullchain",
  "certificate",
  "issuer",
  "privateKey",
  "privateKeyTraditional",
  "bundle",
  "pkcs12",
  "certificateDer",
  "privateKeyDer",
] as const;

/** What a deployed file holds. */
export type FileContent = (typeof FILE_CONTENTS)[number];

const KEY_CONTENTS: ReadonlySet<FileContent> = new Set([
  "privateKey",
  "privateKeyTraditional",
  "bundle",
  "pkcs12",
  "privateKeyDer",
]);

/** Whether a private key is in it. */
export function holdsKey(content: FileContent): boolean {
  return KEY_CONTENTS.has(content);
}

export interface Preset {
  /** Names in the deployment's directory. */
  readonly files: readonly { readonly path: string; readonly content: FileContent }[];
  readonly test?: string;
  readonly reload?: string;
  /** Where it usually serves TLS. */
  readonly port?: number;
}

const CHAIN_AND_KEY: Preset["files"] = [
  { path: "fullchain.pem", content: "fullchain" },
  { path: "privkey.pem", content: "privateKey" },
];

export const SERVICES = {
  nginx: { files: CHAIN_AND_KEY, test: DEFAULT_TEST, reload: DEFAULT_RELOAD, port: 443 },
  generic: { files: CHAIN_AND_KEY },
} as const satisfies Record<string, Preset>;

/** Services whose files, owner, mode, test and reload are known. `generic` has files alone. */
export type DeploymentService = keyof typeof SERVICES;

export function presetOf(service: DeploymentService | undefined): Preset {
  return SERVICES[service ?? "generic"];
}
