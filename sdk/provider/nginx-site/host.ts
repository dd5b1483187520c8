/** What a host says of its nginx and of a site's file. The script is pure, the rest asks the host. */
import { HostError, type Host } from "../../hosts";
import { shellQuote } from "../../hosts/command/shell";
import { askNginx, DEFAULT_TEST } from "../../nginx/commands";
import { marker, ownerOf, type Owner } from "../../nginx/config-file";
import { readVersion } from "../../nginx/version";
import { sha256Of } from "../../util/sha256";
import { singleLine } from "../../util/text";
import type { NginxSiteArguments } from "./arguments";

export interface SiteOnHost {
  /** `1.22.1`; absent where it cannot be told. */
  readonly nginxVersion: string | undefined;
  readonly ipv6: boolean;
  readonly file: FoundSite | "absent";
}

/** A file at the site's path. */
export interface FoundSite {
  /** Whose it is, if it is one of ours. */
  readonly owner: Owner | undefined;
  /** Of what follows the first line. */
  readonly sha256: string;
}

/** A configuration of more than this is none of ours. */
const LIMIT = 4 * 1024 * 1024;

export async function lookAtSite(
  host: Host,
  args: Pick<NginxSiteArguments, "configFile" | "test">,
  signal: AbortSignal,
): Promise<SiteOnHost> {
  const { code, stdout, stderr } = await host.run(script(args), { signal });
  const step = `read ${args.configFile}`;
  if (code !== 0) {
    const detail = singleLine(stderr) === "" ? `exit code ${String(code)}` : singleLine(stderr);
    const kind = /permission denied/i.test(stderr) ? "permission" : "command";
    throw new HostError(kind, { host: host.label, step, detail, exitCode: code });
  }
  const [, said = "", ipv6, state, content = ""] =
    /^([^]*?)\n?(ipv6|ipv4) (file|absent)\n([^]*)$/.exec(stdout) ?? [];
  if (state === undefined) {
    throw new HostError("command", { host: host.label, step, detail: "the answer was cut off" });
  }
  return {
    nginxVersion: readVersion(said),
    ipv6: ipv6 === "ipv6",
    file: state === "absent" ? "absent" : found(content),
  };
}

/* The version first: whatever nginx says besides, it ends where our own line begins. */
function script({ configFile, test }: Pick<NginxSiteArguments, "configFile" | "test">): string {
  const file = shellQuote(configFile);
  const version = askNginx(test ?? DEFAULT_TEST, "-v") ?? "nginx -v";
  return `
{ ${version}; } 2>&1 </dev/null | head -c 2000
echo
if [ -e /proc/net/if_inet6 ] || [ ! -d /proc/net ]; then protocol=ipv6; else protocol=ipv4; fi
if [ ! -e ${file} ] && [ ! -L ${file} ]; then echo "$protocol absent"; exit 0; fi
[ -r ${file} ] || { echo "permission denied" >&2; exit 1; }
echo "$protocol file"
head -c ${String(LIMIT)} ${file}
`;
}

function found(content: string): FoundSite {
  const end = content.indexOf("\n");
  const first = end === -1 ? content : content.slice(0, end);
  return { owner: ownerOf(first), sha256: sha256Of(end === -1 ? "" : content.slice(end + 1)) };
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
