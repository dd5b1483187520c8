/**
 * Whether the key that a host shows is the one that is expected: `hostKey` lines and `known_hosts` text. Pure.
 *
 * @see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT
 */
import { createHmac, timingSafeEqual } from "node:crypto";

import { normalizeHost } from "../util/host-name";
import { sha256Of } from "../util/sha256";
import type { Connection } from "./host";
import { keyLines, keyTypeOf, knownHostsLine, pinnedKey, type PublicKey } from "./public-key";

export interface ExpectedKeys {
  readonly accepted: readonly PublicKey[];
  readonly revoked: readonly PublicKey[];
  /** The text trusts a certificate authority for this host, which ssh2 cannot check. */
  readonly authority: boolean;
}

/** The keys that `connection` allows its host, from `hostKey` and `knownHosts` together. */
export function expectedKeys(
  connection: Pick<Connection, "host" | "port" | "hostKey" | "knownHosts">,
): ExpectedKeys {
  const { host, port = 22, hostKey = "", knownHosts = "" } = connection;
  const known = fromKnownHosts(knownHosts, normalizeHost(host), port);
  return { ...known, accepted: [...pinnedKeys(hostKey), ...known.accepted] };
}

/** The keys that `hostKey` names. */
export function pinnedKeys(hostKey: string): PublicKey[] {
  return keyLines(hostKey).flatMap((line) => pinnedKey(line) ?? []);
}

/** `undefined` where `shown` is expected, else why it is refused. */
export function hostKeyRefusal(expected: ExpectedKeys, shown: Buffer): string | undefined {
  const actual = `it shows ${describeKey(keyTypeOf(shown) ?? "a key", shown)}`;
  if (expected.revoked.some((key) => key.blob.equals(shown))) {
    return `${actual}, which knownHosts marks as @revoked`;
  }
  if (expected.accepted.some((key) => key.blob.equals(shown))) return undefined;
  if (expected.accepted.length > 0) {
    const list = expected.accepted.map(({ type, blob }) => describeKey(type, blob)).join(" or ");
    return `${actual}, expected is ${list}: somebody may be in between; if the host was set up anew, correct hostKey or knownHosts`;
  }
  if (expected.authority) {
    return `${actual}, and knownHosts has a @cert-authority for this host only: give its own key, or use transport: "openssh"`;
  }
  return `${actual}, and knownHosts has no line for this host: add one, from a source that you trust`;
}

/** `ssh-ed25519 SHA256:…`, as `ssh-keygen -l` prints it. */
export function describeKey(type: string, blob: Buffer): string {
  return `${type} ${fingerprint(blob)}`;
}

export function fingerprint(blob: Buffer): string {
  return `SHA256:${sha256Of(blob, "base64").replace(/=+$/, "")}`;
}

function fromKnownHosts(text: string, host: string, port: number): ExpectedKeys {
  const lines = keyLines(text).flatMap((line) => knownHostsLine(line) ?? []);
  const name = port === 22 ? host : `[${host}]:${String(port)}`;
  const exact = lines.filter(({ hosts }) => matchesHosts(hosts, name));
  // As OpenSSH does: a host's key may be known from its usual port.
  const plain = port === 22 ? [] : lines.filter(({ hosts }) => matchesHosts(hosts, host));
  const usable = exact.some(({ marker }) => marker === undefined) ? exact : [...exact, ...plain];
  return {
    accepted: usable.filter(({ marker }) => marker === undefined).map(({ key }) => key),
    revoked: [...exact, ...plain]
      .filter(({ marker }) => marker === "@revoked")
      .map(({ key }) => key),
    authority: usable.some(({ marker }) => marker === "@cert-authority"),
  };
}

/** Whether the names of a line are those of the host. */
function matchesHosts(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHashed(hosts, name);
  const patterns = hosts.toLowerCase().split(",");
  const matches = (pattern: string): boolean => matchesPattern(name, pattern);
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1))))
    return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}

function matchesHashed(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** ssh_config(5), PATTERNS. It goes back to the last `*` alone: as a regular expression, many of them would take for ever. */
function matchesPattern(name: string, pattern: string): boolean {
  let at = 0;
  let afterStar: number | undefined;
  let tried = 0;
  for (let place = 0; place < name.length;) {
    const sign = pattern.charAt(at);
    if (sign === "*") {
      afterStar = ++at;
      tried = place;
    } else if (sign === "?" || sign === name.charAt(place)) {
      at++;
      place++;
    } else if (afterStar !== undefined) {
      at = afterStar;
      place = ++tried;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
