/** The arguments of `hetzner`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

export const hetznerArguments = object({
  /** Of the project that has the zone, with the permission Read & Write. */
  apiToken: secretCredential,
  ...serviceEntries,
});

export type HetznerArguments = v.InferOutput<typeof hetznerArguments>;
