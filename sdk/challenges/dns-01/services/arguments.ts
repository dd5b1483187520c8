/** What the arguments of DNS services have in common. */
import * as v from "valibot";

import { nonEmpty } from "../../../schema/builders";
import { serviceUrl } from "../../../schema/credentials";

export const serviceEntries = {
  /** Default: found by the names, from each upwards. */
  zone: v.optional(nonEmpty),
  /** Default: the service's own. */
  apiUrl: v.optional(serviceUrl()),
};
