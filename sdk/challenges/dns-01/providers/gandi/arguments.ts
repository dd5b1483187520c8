/** The arguments of `gandi`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

export const gandiArguments = object({
  /** With "Manage domain name technical configurations" for the domain. */
  personalAccessToken: secretCredential,
  ...serviceEntries,
});

export type GandiArguments = v.InferOutput<typeof gandiArguments>;
