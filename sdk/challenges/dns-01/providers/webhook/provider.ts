/** TXT records by a web service of the user's: lego's `httpreq` contract. */
import { messageOf } from "../../../../util/errors";
import { authorization, endpoint, hint } from "../../../hooks/webhook";
import { someAtOnce } from "../../all-settled";
import { excerpt, withApi } from "../../../../http/json-api";
import type { DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import type { DnsWebhookArguments } from "./arguments";

const AT_ONCE = 16;

/**
 * Posts JSON to `<url>/present` and `<url>/cleanup`, once for each record; any answer but 2xx is a failure.
 *
 * @see https://go-acme.github.io/lego/dns/httpreq/
 */
export function createProvider(options: DnsWebhookArguments): DnsProvider {
  const { origin, host } = new URL(options.url);
  const credentials = [options.username, options.password];
  const call = (
    action: "present" | "cleanup",
    records: readonly DnsRecord[],
    context: DnsProviderContext,
  ): Promise<void> =>
    withApi({ service: `the webhook ${origin}`, credentials, ...context }, async (api) => {
      await someAtOnce(AT_ONCE, records, async (record) => {
        const request = {
          method: "POST",
          url: endpoint(options.url, action),
          headers: authorization(options),
          body: bodyFor(record, options.mode),
        } as const;
        const reply = await api.call(request).catch((error: unknown) => {
          context.signal.throwIfAborted();
          throw new Error(`${action} of ${record.name}: ${messageOf(error)}`, { cause: error });
        });
        if (reply.status >= 200 && reply.status < 300) return;
        throw new Error(
          `${action} of ${record.name}: ${origin} answers ${String(reply.status)}${hint(reply.status)}${excerpt(reply.text)}`,
        );
      });
    });
  return {
    label: `the webhook at ${host}`,
    add: (records, context) => {
      context.mayAdd(records);
      return call("present", records, context);
    },
    remove: (records, context) => call("cleanup", records, context),
  };
}

function bodyFor(record: DnsRecord, mode: DnsWebhookArguments["mode"]): Record<string, string> {
  return mode === "raw"
    ? { domain: record.domain, token: record.token, keyAuth: record.keyAuthorization }
    : { fqdn: `${record.name}.`, value: record.value };
}
