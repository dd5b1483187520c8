/** The arguments of `deSec`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

export const deSecArguments = object({
  /** A token; its policies, if it has any, must let it write the TXT records. */
  token: secretCredential,
  ...serviceEntries,
});

export type DeSecArguments = v.InferOutput<typeof deSecArguments>;
