/** The file that holds a site: where it lies, and whose it is. Pure. */
import { singleLine } from "../util/text";

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

/** Who wrote a file. */
export interface Owner {
  /** Of this resource in this very life: a new one for each creation. */
  readonly token: string;
  /** The resource's URN, which the next creation of the same resource has, too. */
  readonly urn: string | undefined;
}

const BEGINNING = "# Managed by pulumi-acme, changes are overwritten. Owner:";

/** The first line of a file of ours, without its newline. */
export function marker({ token, urn }: Owner): string {
  return `${BEGINNING} ${token}${urn === undefined ? "" : ` ${singleLine(urn, 1000)}`}`;
}

/** Whose a file with this first line is; `undefined` for a file that is none of ours. */
export function ownerOf(firstLine: string): Owner | undefined {
  if (!firstLine.startsWith(BEGINNING)) return undefined;
  const [token = "", ...urn] = firstLine.slice(BEGINNING.length).trim().split(" ");
  return token === "" ? undefined : { token, urn: urn.length === 0 ? undefined : urn.join(" ") };
}
