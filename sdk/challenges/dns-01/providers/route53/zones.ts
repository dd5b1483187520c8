/** The public hosted zones of an account, remembered for all certificates of this process. */
import type { HostedZone } from "@aws-sdk/client-route-53";

import { upwards } from "../../../../dns/zone";
import { ConfigurationError } from "../../../../util/errors";
import { enumerate } from "../../../../util/text";
import type { DnsProviderContext } from "../../provider";
import { Remembered } from "../../remembered";
import type { Account } from "./account";

interface Zone {
  readonly id: string;
  /** Without its trailing dot. */
  readonly name: string;
}

const known = new Remembered<readonly Zone[]>("route53 zones");

/**
 * The id of the zone that holds `name`.
 *
 * @throws Error where these credentials see none, {@link ConfigurationError} where there are several
 */
export async function zoneOf(
  name: string,
  account: Account,
  context: DnsProviderContext,
): Promise<string> {
  const candidates = upwards(name).filter((domain) => domain.includes("."));
  const top = candidates.at(-1) ?? name;
  const began = performance.now();
  // What is not among the zones that were seen before may have been made meanwhile.
  for (const since of [undefined, began]) {
    const zones = await known.get(
      `${account.key} ${top}`,
      context.signal,
      () => publicZones(top, account, context),
      since,
    );
    const domain = candidates.find((candidate) => zones.some((zone) => zone.name === candidate));
    const ids = zones.filter((zone) => zone.name === domain).map(({ id }) => id);
    if (ids.length > 1) {
      throw new ConfigurationError(
        `there are several public hosted zones ${domain ?? ""} (${enumerate(ids)}); give hostedZoneId`,
      );
    }
    if (ids[0] !== undefined) return ids[0];
  }
  throw new Error(
    `no public hosted zone for ${name} is visible to these credentials (looked for ${enumerate(candidates)}); give hostedZoneId, or other credentials`,
  );
}

/**
 * All zones at and below `top`. They are listed in the order of their names read from the right, so these stand
 * together, and one call finds them for every name below. Private zones are left out: no CA sees them.
 */
async function publicZones(
  top: string,
  account: Account,
  context: DnsProviderContext,
): Promise<Zone[]> {
  const found: HostedZone[] = [];
  let from: { DNSName?: string; HostedZoneId?: string } = { DNSName: top };
  for (;;) {
    const page = await account.call(context, (client, options) =>
      client.send(new account.sdk.ListHostedZonesByNameCommand(from), options),
    );
    const zones = page.HostedZones ?? [];
    found.push(...zones);
    const more = fromTheRight(nameOf(zones.at(-1))).startsWith(fromTheRight(top));
    if (page.IsTruncated !== true || !more || page.NextDNSName === undefined) break;
    from = { DNSName: page.NextDNSName, HostedZoneId: page.NextHostedZoneId };
  }
  return found
    .filter(({ Config }) => Config?.PrivateZone !== true)
    .flatMap((zone) =>
      zone.Id === undefined
        ? []
        : [{ id: zone.Id.replace(/^\/hostedzone\//, ""), name: nameOf(zone) }],
    );
}

function fromTheRight(name: string): string {
  return name.split(".").reverse().join(".");
}

function nameOf(zone: HostedZone | undefined): string {
  return (zone?.Name ?? "").toLowerCase().replace(/\.$/, "");
}
