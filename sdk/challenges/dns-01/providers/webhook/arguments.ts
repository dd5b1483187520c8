/** The arguments of `webhook`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { hookMode, webhookArguments } from "../../../hooks/arguments";

export const dnsWebhookArguments = object({ ...webhookArguments.entries, mode: hookMode });

export type DnsWebhookArguments = v.InferOutput<typeof dnsWebhookArguments>;
