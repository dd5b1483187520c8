/**
 * One client per CA and process, shared by all resources: its directory, nonces, connections and limits.
 */
import { createRequire } from "node:module";

import {
  type AccountCredentials,
  type AcmeClient,
  createAcmeClient,
  forOperation,
  loadAccountKey,
} from "../acme";
import { createFetch } from "../http/fetch";

/** RFC 8555 §6.1: "ACME clients SHOULD send a User-Agent header field"; it names the package and what it runs on. */
export const userAgent = `pulumi-acme/${packageVersion()} node/${process.versions.node}`;

const servers = new Map<string, AcmeClient>();
const credentials = new Map<string, Promise<AccountCredentials>>();

/**
 * The process's client for a CA, for one operation. Two with the same directory and other roots are two: what one trusts
 * is nothing to the other. Sends nothing.
 *
 * @throws {@link ConfigurationError} for a directory URL or a bundle that cannot be one
 */
export function clientFor(ca: {
  readonly directoryUrl: string;
  readonly caBundlePem?: string | undefined;
}): AcmeClient {
  const { directoryUrl, caBundlePem } = ca;
  const key = JSON.stringify([directoryUrl, caBundlePem]);
  const known = servers.get(key);
  if (known !== undefined) return forOperation(known);
  const roots = caBundlePem === undefined ? {} : { caBundlePem };
  const fetch = createFetch({ ...roots, env: process.env });
  const client = createAcmeClient({ directoryUrl, fetch, userAgent });
  servers.set(key, client);
  return forOperation(client);
}

/**
 * What an account's requests are signed with.
 *
 * @throws {@link ConfigurationError} for a key that cannot be read, without its text
 */
export function credentialsFor(account: {
  readonly accountUrl: string;
  readonly accountKeyPem: string;
}): Promise<AccountCredentials> {
  const { accountUrl, accountKeyPem } = account;
  const key = JSON.stringify([accountUrl, accountKeyPem]);
  let loaded = credentials.get(key);
  if (loaded === undefined) {
    loaded = loadAccountKey(accountKeyPem).then((accountKey) => ({ accountUrl, key: accountKey }));
    credentials.set(key, loaded);
  }
  return loaded;
}

/* Two folders up in the sources as in the built package. */
function packageVersion(): string {
  const manifest = createRequire(__filename)("../../package.json") as { version: string };
  return manifest.version;
}
