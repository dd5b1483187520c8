/** All stand-ins: one line for each service. */
import { digitalOcean } from "./digital-ocean";
import { powerDns } from "./power-dns";
import type { Dialect } from "./stand-in";

export const DIALECTS: readonly Dialect[] = [powerDns, digitalOcean];
