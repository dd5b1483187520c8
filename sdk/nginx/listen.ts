/** Where a site listens. Pure. */
import { hostAndPort } from "../util/host-name";
import { normalizeIpAddress } from "../util/names";
import type { NginxListen, NginxSiteConfig } from "./config";
import { directive, type Lines } from "./syntax";
import { hasHttp2Directive } from "./version";

/** @param parameters - what follows the address, with a space before it. */
export function listenLines(
  { listen = {}, defaultServer }: Pick<NginxSiteConfig, "listen" | "defaultServer">,
  port: number,
  parameters: string,
): Lines {
  const more = defaultServer === true ? `${parameters} default_server` : parameters;
  return addresses(listen).map((address) =>
    directive(
      "listen",
      `${address === undefined ? String(port) : hostAndPort(address, port)}${more}`,
    ),
  );
}

/** `undefined` stands for all IPv4 addresses. */
function addresses(listen: NginxListen): readonly (string | undefined)[] {
  if (listen.address === undefined) return listen.ipv6 === false ? [undefined] : [undefined, "::"];
  const normalised = normalizeIpAddress(listen.address);
  const address = "value" in normalised ? normalised.value : listen.address;
  if (listen.ipv6 !== true || address.includes(":")) return [address];
  // A site that was kept to this machine must not be opened to the world by its second protocol.
  return [address, address.startsWith("127.") ? "::1" : "::"];
}

/** Whether HTTP/2 is asked for by `listen … http2`, as before nginx 1.25.1. */
export function isHttp2Parameter(nginxVersion: string | undefined): boolean {
  return !hasHttp2Directive(nginxVersion);
}
