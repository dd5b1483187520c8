/** Where the file of a site lies. Pure. */
const DIRECTORY = "/etc/nginx/conf.d";

/**
 * Where a site lies if nobody says otherwise.
 *
 * @param serverName - the first one, as {@link normaliseServerName} gives it.
 * @param tlsOnly - the site has no plain port, so that a challenge site of the same name may lie beside it.
 */
export function defaultConfigFile(serverName: string, tlsOnly: boolean): string {
  const name = serverName.replace(/^\*/, "_wildcard").replace(/^\[(.*)\]$/, "$1");
  return `${DIRECTORY}/${name}${tlsOnly ? ".tls" : ""}.conf`;
}
