/** The arguments of `webhook`. */
import * as v from "valibot";

import { object } from "../../../../schema/builders";
import { hookMode, passwordInSecret, webhookEntries } from "../../../hooks/arguments";

export const dnsWebhookArguments = v.pipe(
  object({ ...webhookEntries, mode: hookMode }),
  passwordInSecret(),
);

export type DnsWebhookArguments = v.InferOutput<typeof dnsWebhookArguments>;
