/** What is known about services: their files, and the commands that make them read those. */
import { DEFAULT_RELOAD, DEFAULT_TEST } from "../nginx/commands";
import type { FileRequest } from "./file-request";

export interface Preset {
  /** Their paths are names in the deployment's directory. */
  readonly files: readonly FileRequest[];
  readonly test?: string;
  readonly reload?: string;
  /** Where it usually serves TLS. */
  readonly port?: number;
}

const CHAIN_AND_KEY: readonly FileRequest[] = [
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
