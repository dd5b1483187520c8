/** The arguments of `vultr`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

export const vultrArguments = object({
  /** Its access control must list the addresses of this machine. */
  apiKey: secretCredential,
  ...serviceEntries,
});

export type VultrArguments = v.InferOutput<typeof vultrArguments>;
