/** A file as a deployment, or a preset, asks for it. Pure; `check` loads it. */

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

/** A file as the user, or a service, wants it. */
export interface FileRequest {
  /** Absolute, or a name in the directory. */
  readonly path: string;
  readonly content: FileContent;
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly acl?: readonly string[];
  /** Of a `pkcs12`. */
  readonly password?: string;
}
