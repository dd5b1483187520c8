/** Where the file of a site lies. Pure. */
const DIRECTORY = "/etc/nginx/conf.d";

/** A folder that no package includes: the user does, within `stream { }`. */
export const STREAM_DIRECTORY = "/etc/nginx/stream.d";

/** Where the file of a TCP service lies if nobody says otherwise. */
export function defaultStreamFile(serverName: string): string {
  return `${STREAM_DIRECTORY}/${fileName(serverName)}.conf`;
}

/**
 * Where a site lies if nobody says otherwise.
 *
 * @param serverName - the first one, as {@link normaliseServerName} gives it.
 * @param tlsOnly - the site has no plain port, so that a challenge site of the same name may lie beside it.
 */
export function defaultConfigFile(serverName: string, tlsOnly: boolean): string {
  return `${DIRECTORY}/${fileName(serverName)}${tlsOnly ? ".tls" : ""}.conf`;
}

function fileName(serverName: string): string {
  return serverName.replace(/^\*/, "_wildcard").replace(/^\[(.*)\]$/, "$1");
}
