/** The arguments of `inwx`. */
import * as v from "valibot";

import { nonEmpty, object, secret, text } from "../../../../schema/builders";
import { basicCredential, serviceUrl } from "../../../../schema/credentials";
import { base32Decoded } from "./totp";

export const inwxArguments = object({
  username: basicCredential,
  password: secret(basicCredential),
  /** Of the account's second factor, as the QR code holds it. Default: the account has none. */
  sharedSecret: v.optional(
    secret(
      text(
        (value) => (base32Decoded(value)?.length ?? 0) > 0,
        "must be base32, as INWX shows it for the authenticator app",
      ),
    ),
  ),
  /** Default: found by the names, from each upwards. */
  zone: v.optional(nonEmpty),
  /** Default: `https://api.domrobot.com/jsonrpc/`. */
  apiUrl: v.optional(serviceUrl("username and password")),
});

export type InwxArguments = v.InferOutput<typeof inwxArguments>;
