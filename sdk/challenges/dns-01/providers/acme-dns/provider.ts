/** TXT records in an acme-dns server, to which `_acme-challenge` is delegated by a CNAME. */
import { ConfigurationError } from "../../../../util/errors";
import { enumerate } from "../../../../util/text";
import { oneByOne } from "../../all-settled";
import { excerpt, withApi } from "../../../../http/json-api";
import { withoutTrailingSlashes } from "../../../../http/url";
import type { DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import type { AcmeDnsArguments } from "./arguments";
import { endTurn, MAX_VALUES, takeTurn } from "./turns";

/**
 * Posts values to `<url>/update`. Nothing is ever removed: the server drops older values by
 * itself, which is why certificates that share a subdomain take turns.
 *
 * @see https://github.com/joohoi/acme-dns#update-endpoint
 */
export function createProvider(options: AcmeDnsArguments): DnsProvider {
  const { host } = new URL(options.url);
  const place = `${options.url} ${options.subdomain}`;
  return {
    label: `acme-dns at ${host}`,
    add: async (records, context) => {
      check(records, options, context);
      await takeTurn(place, valuesOf(records), context.signal, () => {
        context.progress(
          `waits for other certificates: acme-dns keeps ${String(MAX_VALUES)} values of ${options.subdomain}`,
        );
      });
      context.mayAdd(records);
      const credentials = [options.username, options.password];
      await withApi({ service: `acme-dns at ${host}`, credentials, ...context }, (api) =>
        oneByOne(
          records,
          async ({ value }) => {
            const reply = await api.call({
              method: "POST",
              url: `${withoutTrailingSlashes(options.url)}/update`,
              headers: { "X-Api-User": options.username, "X-Api-Key": options.password },
              body: { subdomain: options.subdomain, txt: value },
            });
            if (reply.status === 200) return;
            throw new Error(
              `the update of ${options.subdomain} is refused with ${String(reply.status)}${remedy(reply.status)}${excerpt(reply.text)}`,
            );
          },
          context.signal,
        ),
      );
    },
    remove: (records) => {
      endTurn(place, valuesOf(records));
      return Promise.resolve();
    },
  };
}

function valuesOf(records: readonly DnsRecord[]): string[] {
  return records.map(({ value }) => value);
}

/** @throws {@link ConfigurationError} for names that do not lead to the subdomain */
function check(
  records: readonly DnsRecord[],
  { subdomain, url }: AcmeDnsArguments,
  { followedCname }: DnsProviderContext,
): void {
  const misdirected = records.filter(
    ({ name }) => followedCname && name.split(".")[0] !== subdomain.toLowerCase(),
  );
  if (misdirected.length === 0) return;
  const names = [...new Set(misdirected.map(({ domain }) => `_acme-challenge.${domain}`))];
  throw new ConfigurationError(
    `${enumerate(names)} must be a CNAME to ${subdomain}.<the domain of ${new URL(url).host}>, and leads to ${enumerate([...new Set(misdirected.map(({ name }) => name))])}`,
  );
}

function remedy(status: number): string {
  if (status === 401 || status === 403) {
    return " (check username, password and subdomain, and from which addresses the registration allows updates)";
  }
  return "";
}
