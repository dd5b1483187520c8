/** The arguments of an `AcmeOrder`: their schema, and what a change of each means. */
import * as v from "valibot";

import type { OrderArguments } from "../../issuance/arguments";
import { nonEmpty, object, oneOfWords } from "../../schema/builders";
import { accountReference } from "../arguments/references";
import { instantText, margin } from "../arguments/renewal";
import type { Rules } from "../engine/rules";

export const orderSchema: v.GenericSchema<OrderArguments> = object({
  account: accountReference,
  dnsNames: v.array(v.string()),
  challenge: oneOfWords(["dns-01", "http-01"]),
  profile: v.optional(nonEmpty),
  profileRequired: v.optional(v.boolean()),
  notBefore: v.optional(instantText),
  notAfter: v.optional(instantText),
  renewBefore: v.optional(margin),
  useRenewalInfo: v.optional(v.boolean()),
  triggers: v.optional(v.array(v.unknown())),
});

export type OrderChange =
  /** Another order is placed. */
  | "order"
  /** Taken over without the CA. */
  | "settings";

/** The account's key is kept: a refresh asks the CA with it. */
export const RULES: Rules<OrderArguments, OrderChange> = {
  account: { change: "settings" },
  dnsNames: { change: "order" },
  challenge: { change: "order" },
  profile: { change: "order" },
  profileRequired: { change: "settings" },
  notBefore: { change: "order" },
  notAfter: { change: "order" },
  renewBefore: { change: "settings" },
  useRenewalInfo: { change: "settings" },
  triggers: { change: "order", default: [] },
};
