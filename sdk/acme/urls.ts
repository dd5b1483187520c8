/** Which URLs a CA may have, and may hand out. Pure. */
import { ConfigurationError } from "../util/errors";
import { isHttps, isLoopbackHttp } from "../util/host-name";
import { isPrintable, singleLine } from "../util/text";
import { AcmeProtocolError } from "./errors";

/**
 * Refuses a directory URL that is not `https:`; plain `http:` only for a loopback host, for test servers.
 *
 * @throws {@link ConfigurationError}
 */
export function checkDirectoryUrl(url: string): void {
  if (!URL.canParse(url)) {
    throw new ConfigurationError(`acme: the directory URL "${singleLine(url, 200)}" is not a URL`);
  }
  if (isHttps(url) || isLoopbackHttp(url)) return;
  throw new ConfigurationError(
    `acme: the directory URL ${singleLine(url, 200)} must begin with https:// (plain http is for loopback hosts only)`,
  );
}

/**
 * The URL that a CA handed out, unchanged: the signed URL must be the requested one (RFC 8555 §6.4). A relative one is
 * resolved against the response's own URL.
 *
 * RFC 8555 §6.1 requires HTTPS, for every URL in a response and not only for the directory.
 *
 * @throws {@link AcmeProtocolError} for anything but `https:` (plain `http:` only between loopback hosts), and for
 * control characters, which `URL` drops or encodes silently
 */
export function handedOutUrl(what: string, url: string, responseUrl: string): string {
  if (!isPrintable(url)) {
    throw new AcmeProtocolError(
      `acme: ${what}: the CA handed out a URL with control or invisible characters: ${singleLine(url, 200)}`,
      responseUrl,
    );
  }
  const absolute = URL.canParse(url) ? url : resolve(url, responseUrl);
  if (absolute !== undefined) {
    if (isHttps(absolute)) return absolute;
    if (isLoopbackHttp(absolute) && isLoopbackHttp(responseUrl)) return absolute;
  }
  throw new AcmeProtocolError(
    `acme: ${what}: the CA handed out a URL that is not https: ${singleLine(url, 200)}`,
    responseUrl,
  );
}

function resolve(url: string, base: string): string | undefined {
  return URL.canParse(url, base) ? new URL(url, base).toString() : undefined;
}
