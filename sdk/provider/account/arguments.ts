/** The arguments of an `AcmeAccount`. */
import * as v from "valibot";

import type { ExternalAccountBinding } from "../../acme";
import { nonEmpty, object, oneOfWords, secret, text } from "../../schema/builders";
import { serviceUrl } from "../../schema/credentials";
import { decodeHmacKey } from "../../util/hmac-key";
import { KEY_TYPES, type KeyType } from "../../x509/keys";
import type { Rules } from "../engine/rules";

export interface AccountArguments {
  readonly directoryUrl: string;
  readonly termsOfServiceAgreed?: boolean;
  /** URLs, sorted, each once. */
  readonly contact?: readonly string[];
  readonly externalAccountBinding?: ExternalAccountBinding;
  readonly keyType?: KeyType;
  /** PKCS#8 PEM. */
  readonly accountKeyPem?: string;
  /** Any values: a change rolls the key over. */
  readonly triggers?: readonly unknown[];
  readonly mustExist?: boolean;
  readonly caBundlePem?: string;
  readonly deactivateOnDestroy?: boolean;
}

export const DEFAULT_KEY_TYPE: KeyType = "P256";

export const RULES: Rules<AccountArguments, "contact" | "rollover"> = {
  directoryUrl: { change: "replace" },
  contact: { change: "contact", default: [] },
  caBundlePem: { change: "settings" },
  deactivateOnDestroy: { change: "settings", default: false },
  // That the account's key is another one is seen from the key itself; a digest tells whether it was the user's.
  accountKeyPem: { change: "settings", stored: "digest" },
  keyType: { change: "none" },
  triggers: {
    change: "rollover",
    default: [],
    notWith: { accountKeyPem: "cannot be given with accountKeyPem: change that key instead" },
  },
  // They matter at registration alone.
  termsOfServiceAgreed: { change: "none", stored: "none" },
  externalAccountBinding: { change: "none", stored: "none" },
  mustExist: { change: "none", stored: "none" },
};

export const accountSchema: v.GenericSchema<AccountArguments> = object({
  directoryUrl: serviceUrl(),
  termsOfServiceAgreed: v.optional(v.boolean()),
  contact: v.optional(v.array(v.string())),
  externalAccountBinding: v.optional(
    object({
      keyId: nonEmpty,
      hmacKey: secret(
        text(
          (value) => decodeHmacKey(value) !== undefined,
          "is empty or not base64url; give the HMAC key exactly as the CA shows it",
        ),
      ),
      algorithm: v.optional(oneOfWords(["HS256", "HS384", "HS512"])),
    }),
  ),
  keyType: v.optional(oneOfWords(KEY_TYPES)),
  accountKeyPem: v.optional(secret(nonEmpty)),
  triggers: v.optional(v.array(v.unknown())),
  mustExist: v.optional(v.boolean()),
  caBundlePem: v.optional(nonEmpty),
  deactivateOnDestroy: v.optional(v.boolean()),
});
