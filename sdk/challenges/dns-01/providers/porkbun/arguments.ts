/** The arguments of `porkbun`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

export const porkbunArguments = object({
  /** "pk1_…"; the domain must have API access turned on. */
  apiKey: secretCredential,
  /** "sk1_…". */
  secretApiKey: secretCredential,
  ...serviceEntries,
});

export type PorkbunArguments = v.InferOutput<typeof porkbunArguments>;
