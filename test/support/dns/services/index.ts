/** All stand-ins: one line for each service. */
import type { Publish } from "../publish";
import { azure } from "./azure";
import { deSec } from "./de-sec";
import { digitalOcean } from "./digital-ocean";
import { gandi } from "./gandi";
import { googleCloud } from "./google-cloud";
import { hetzner } from "./hetzner";
import { inwx } from "./inwx";
import { linode } from "./linode";
import { OTHERS, type ServedZone } from "./others";
import { ovh } from "./ovh";
import { porkbun } from "./porkbun";
import { powerDns } from "./power-dns";
import { type Dialect, type StandIn, startStandIn, WHOLE } from "./stand-in";
import type { ServiceName } from "./table";
import { vultr } from "./vultr";

type Dialects = { readonly [Name in Exclude<ServiceName, keyof typeof OTHERS>]: Dialect<Name> };

/** The compiler names a service of the table that has no stand-in. */
export const DIALECTS: Dialects = {
  powerDns,
  hetzner,
  digitalOcean,
  deSec,
  gandi,
  linode,
  vultr,
  porkbun,
  azure,
  googleCloud,
  inwx,
  ovh,
};

/** A zone at each of our services. */
export function serveZones(publish: Publish): Promise<ServedZone[]> {
  return Promise.all([
    ...Object.values(DIALECTS).map((dialect) => serveZone(dialect, publish)),
    ...Object.entries(OTHERS).map(([name, serve]) => serve(zoneAt(name), publish)),
  ]);
}

export async function serveZone(dialect: Dialect, publish: Publish): Promise<StandIn & ServedZone> {
  const { name } = dialect;
  const zone = zoneAt(name);
  const standIn = await startStandIn(dialect, { zones: [zone], pageSize: 100, publish });
  // A secret as it is pasted.
  const dns01 = { [name]: dialect.argumentsFor(standIn.url, ` ${WHOLE}\n`) };
  return Object.assign(standIn, { zone, dns01 });
}

function zoneAt(service: string): string {
  return `${service.toLowerCase()}.example`;
}
