/** All stand-ins: one line for each service. */
import { deSec } from "./de-sec";
import { digitalOcean } from "./digital-ocean";
import { gandi } from "./gandi";
import { hetzner } from "./hetzner";
import { linode } from "./linode";
import { porkbun } from "./porkbun";
import { powerDns } from "./power-dns";
import { azure } from "./azure";
import { googleCloud } from "./google-cloud";
import { inwx } from "./inwx";
import { ovh } from "./ovh";
import type { Dialect } from "./stand-in";
import { vultr } from "./vultr";

export const DIALECTS: readonly Dialect[] = [
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
];
