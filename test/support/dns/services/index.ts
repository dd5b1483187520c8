/** All stand-ins: one line for each service. */
import { digitalOcean } from "./digital-ocean";
import type { Dialect } from "./stand-in";

export const DIALECTS: readonly Dialect[] = [digitalOcean];
