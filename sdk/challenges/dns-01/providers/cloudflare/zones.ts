/** The zones that an API token sees, remembered for all certificates of this process. */
import { upwards } from "../../../../dns/zone";
import { enumerate } from "../../../../util/text";
import { sha256Of } from "../../../../util/sha256";
import { Remembered } from "../../remembered";
import { baseOf, type CloudflareApi, refused, ZONE_READ } from "./api";
import type { CloudflareArguments } from "./arguments";
import { formsOf, isSameName } from "./names";

export interface Zone {
  readonly id: string;
  /** For messages. */
  readonly label: string;
}

const known = new Remembered<string | undefined>("cloudflare zone");

/** The zone that holds `name`. @throws Error where the token sees none */
export async function zoneOf(
  name: string,
  options: CloudflareArguments,
  send: CloudflareApi,
  signal: AbortSignal,
): Promise<Zone> {
  const { zoneId, apiToken } = options;
  if (zoneId !== undefined) return { id: zoneId, label: `zone ${zoneId}` };
  const token = sha256Of(`${baseOf(options)} ${apiToken}`);
  // Not the name itself, which is below _acme-challenge or at the end of a CNAME, nor a top-level domain.
  const candidates = upwards(name).filter(
    (domain) => domain.includes(".") && !domain.startsWith("_"),
  );
  const began = performance.now();
  // What was not there before may have been made meanwhile.
  for (const since of [undefined, began]) {
    for (const domain of candidates) {
      const question = `${token} ${domain}`;
      const id = await known.get(question, signal, () => zoneIdOf(domain, send), since);
      if (id !== undefined) return { id, label: domain };
    }
  }
  throw new Error(
    `no zone for ${name} is visible to the API token (looked for ${enumerate(candidates)}): give it the permission Zone → Zone → Read and the zone in "Zone Resources", or give zoneId`,
  );
}

/** `undefined` where the token sees no such zone. */
async function zoneIdOf(domain: string, send: CloudflareApi): Promise<string | undefined> {
  for (const form of formsOf(domain)) {
    const query = new URLSearchParams({ name: form, per_page: "50" });
    const reply = await send({ method: "GET", path: `/zones?${query.toString()}` });
    if (!reply.ok) throw refused(`zone ${domain} cannot be looked up`, reply, ZONE_READ);
    const zones = reply.results.filter((zone) => isSameName(zone["name"], domain));
    // A domain may be pending in one account while another account serves it.
    const zone = zones.find(({ status }) => status === "active") ?? zones[0];
    if (zone !== undefined) return String(zone["id"]);
  }
  return undefined;
}
