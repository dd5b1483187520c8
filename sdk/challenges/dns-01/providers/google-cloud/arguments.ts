/** The arguments of `googleCloud`. */
import * as v from "valibot";

import { nonEmpty, object, secret, text } from "../../../../schema/builders";
import { serviceUrl } from "../../../../schema/credentials";
import { isRecord, parseJson } from "../../../../util/json";

export const googleCloudArguments = object({
  /** Default: that of the credentials. */
  project: v.optional(nonEmpty),
  /** Name of the managed zone. Default: the public zone found by the names, from each upwards. */
  managedZone: v.optional(nonEmpty),
  /** Its DNS name. Default: found by the names. */
  zone: v.optional(nonEmpty),
  /** JSON, as of a service account's key. Default: what `google-auth-library` finds. */
  credentials: v.optional(
    secret(
      text(
        (value) => isRecord(parseJson(value)),
        "must be the JSON text of a key file, as Google writes it (not the path of a file)",
      ),
    ),
  ),
  /** Default: `https://dns.googleapis.com`. */
  apiUrl: v.optional(serviceUrl("credentials")),
});

export type GoogleCloudArguments = v.InferOutput<typeof googleCloudArguments>;
