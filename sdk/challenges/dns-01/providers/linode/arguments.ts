/** The arguments of `linode`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

export const linodeArguments = object({
  /** A personal access token with Read/Write for Domains. */
  token: secretCredential,
  ...serviceEntries,
});

export type LinodeArguments = v.InferOutput<typeof linodeArguments>;
