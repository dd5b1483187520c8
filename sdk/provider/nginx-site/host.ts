/** What a host says of its nginx. The script is pure, the rest asks the host. */
import { HostError, type Host } from "../../hosts";
import { shellQuote } from "../../hosts/command/shell";
import { askNginx, DEFAULT_TEST } from "../../nginx/commands";
import { adviceAbout, includesCommand, readIncludes } from "../../nginx/includes";
import { readVersion } from "../../nginx/version";
import { marker } from "../config-file/first-line";
import type { NginxSiteArguments } from "./arguments";

export interface NginxOnHost {
  /** `1.22.1`; absent where it cannot be told. */
  readonly nginxVersion: string | undefined;
  readonly ipv6: boolean;
  /** Whether it was built with HTTP/3. */
  readonly http3: boolean;
}

export async function lookAtNginx(
  host: Host,
  { test = DEFAULT_TEST }: Pick<NginxSiteArguments, "test">,
  signal: AbortSignal,
): Promise<NginxOnHost> {
  const { stdout } = await host.run(script(test), { signal });
  const [, said = "", protocol] = /^([^]*)\n(ipv6|ipv4)\n$/.exec(stdout) ?? [];
  if (protocol === undefined) {
    const step = "ask for the version of nginx";
    throw new HostError("command", { host: host.label, step, detail: "the answer was cut off" });
  }
  return {
    nginxVersion: readVersion(said),
    ipv6: protocol === "ipv6",
    http3: said.includes("--with-http_v3_module"),
  };
}

/* The version first: whatever nginx says besides, it ends where our own line begins. */
function script(test: string): string {
  const version = askNginx(test, "-V") ?? "nginx -V";
  return `
{ ${version}; } 2>&1 </dev/null | head -c 20000
echo
if [ -e /proc/net/if_inet6 ] || [ ! -d /proc/net ]; then echo ipv6; else echo ipv4; fi
`;
}

/**
 * Whether the host's nginx reads the file at all; `undefined` where it cannot be asked. By its first line, because nginx may know it by
 * another path: Debian's `sites-enabled` has links to `sites-available`.
 *
 * @see digitalocean/nginxconfig.io#30
 */
export async function isIncluded(
  host: Host,
  { test = DEFAULT_TEST }: Pick<NginxSiteArguments, "test">,
  ownerId: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const dump = askNginx(test, "-T");
  if (dump === undefined) return undefined;
  const beginning = shellQuote(marker({ token: ownerId, urn: undefined }));
  // The dump may hold what is nobody's business: it stays on the host.
  const { code, stdout } = await host.run(
    `{ ${dump}; } 2>/dev/null </dev/null | awk -v want=${beginning} '/^# configuration file /{any=1} index($0, want) == 1 {found=1} END {print any+0, found+0}'`,
    { signal },
  );
  if (code !== 0 || !stdout.startsWith("1 ")) return undefined;
  return stdout.trim() === "1 1";
}

/** What to do about a file that nginx reads nowhere, or not where a site belongs. */
export async function adviceOn(
  host: Host,
  site: NginxSiteArguments,
  signal: AbortSignal,
): Promise<string> {
  const command = includesCommand(site.test ?? DEFAULT_TEST);
  const { stdout } = command === undefined ? { stdout: "" } : await host.run(command, { signal });
  return adviceAbout(site, readIncludes(stdout));
}
