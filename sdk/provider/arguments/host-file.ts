/** Files on a host as arguments: paths, modes, owners; and the address of a service there. Pure. */
import { posix } from "node:path";

import { text } from "../../schema/builders";

// eslint-disable-next-line no-control-regex -- control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;

export function hasControl(value: string): boolean {
  return CONTROL.test(value);
}

/** Names that the switch of a deployment needs for itself. */
export function isReserved(segment: string): boolean {
  return segment === ".current" || /^\.(v-|pulumi-acme)/.test(segment);
}

/** Whether `path` is absolute and says nothing twice: no `..`, no `//`, no control characters, no final slash. */
export function isPlainPath(path: string): boolean {
  if (!path.startsWith("/") || path === "/" || CONTROL.test(path)) return false;
  const segments = path.slice(1).split("/");
  return (
    posix.normalize(path) === path &&
    path.length <= 1024 &&
    segments.every(
      (segment) => segment !== "" && segment.trim() === segment && segment.length <= 200,
    )
  );
}

export const PATH_MESSAGE =
  "must be an absolute path without .. and //, control characters, and blanks at the ends of a name";

/** An absolute path that may be written. */
export const absolutePath = text(
  (value) => isPlainPath(value) && !value.split("/").some(isReserved),
  PATH_MESSAGE,
);

export const fileMode = text(
  (value) => /^0?[0-7]{3}$/.test(value),
  'must be an octal mode such as "0640"',
);

/** A user, or a group. */
export const fileOwner = text(
  (value) => /^[^\s:-][^:]*$/.test(value) && !CONTROL.test(value),
  "must be a name or a number, without a colon",
);

/** `host`, `host:port`, `[::1]:port`. */
export function parseAddress(value: string): { host: string; port?: number } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(value);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return undefined;
  if (match?.[3] === undefined) return { host };
  const port = Number(match[3]);
  return port >= 1 && port <= 65535 ? { host, port } : undefined;
}

export const serviceAddress = text(
  (value) => parseAddress(value) !== undefined,
  'must be "host:port" ("[address]:port" for IPv6)',
);
