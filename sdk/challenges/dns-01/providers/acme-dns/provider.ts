/** TXT records in an acme-dns server, to which `_acme-challenge` is delegated by a CNAME. */
import { ConfigurationError } from "../../../../util/errors";
import { enumerate } from "../../../../util/text";
import { oneByOne } from "../../all-settled";
import { excerpt, withApi } from "../../../../http/json-api";
import type { DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import type { AcmeDnsArguments } from "./arguments";

/** The server keeps the last two values of a subdomain: enough for a domain and its wildcard. */
const VALUES_KEPT = 2;

/**
 * Posts values to `<url>/update`. Nothing is ever removed: the server drops older values by itself.
 *
 * @see https://github.com/joohoi/acme-dns#update-endpoint
 */
export function createProvider(options: AcmeDnsArguments): DnsProvider {
  const { host } = new URL(options.url);
  return {
    label: `acme-dns at ${host}`,
    add: async (records, context) => {
      check(records, options, context);
      const credentials = [options.username, options.password];
      await withApi({ service: `acme-dns at ${host}`, credentials, ...context }, (api) =>
        oneByOne(
          records,
          async ({ value }) => {
            const reply = await api.call({
              method: "POST",
              url: `${options.url.replace(/\/+$/, "")}/update`,
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
    remove: () => Promise.resolve(),
  };
}

/** @throws {@link ConfigurationError} for names that do not lead to the subdomain, or too many that do */
function check(
  records: readonly DnsRecord[],
  { subdomain, url }: AcmeDnsArguments,
  { followedCname }: DnsProviderContext,
): void {
  const misdirected = records.filter(
    ({ name }) => followedCname && name.split(".")[0] !== subdomain.toLowerCase(),
  );
  if (misdirected.length > 0) {
    const names = [...new Set(misdirected.map(({ domain }) => `_acme-challenge.${domain}`))];
    throw new ConfigurationError(
      `${enumerate(names)} must be a CNAME to ${subdomain}.<the domain of ${new URL(url).host}>, and leads to ${enumerate([...new Set(misdirected.map(({ name }) => name))])}`,
    );
  }
  if (records.length <= VALUES_KEPT) return;
  throw new ConfigurationError(
    `acme-dns keeps ${String(VALUES_KEPT)} values of a subdomain, and ${String(records.length)} are needed at once; register a subdomain for each domain, and give each a solver of its own with dnsNames`,
  );
}

function remedy(status: number): string {
  if (status === 401 || status === 403) {
    return " (check username, password and subdomain, and from which addresses the registration allows updates)";
  }
  return "";
}
