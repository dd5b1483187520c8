/** The arguments of `digitalOcean`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

export const digitalOceanArguments = object({
  /** A personal access token with the scopes domain:read, domain:create and domain:delete. */
  token: secretCredential,
  ...serviceEntries,
});

export type DigitalOceanArguments = v.InferOutput<typeof digitalOceanArguments>;
