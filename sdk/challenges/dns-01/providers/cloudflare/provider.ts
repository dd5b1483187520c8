/** TXT records in Cloudflare's DNS, by its REST API. @see https://developers.cloudflare.com/api/ */
import { withLock } from "../../../../util/concurrency";
import { someAtOnce } from "../../all-settled";
import type { AddContext, DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import { type CloudflareApi, DNS_EDIT, refused, withCloudflare } from "./api";
import type { CloudflareArguments } from "./arguments";
import { formsOf, isSameName } from "./names";
import { type Zone, zoneOf } from "./zones";

const AT_ONCE = 8;
const PER_PAGE = 100;
/** "Record already exists" and "An identical record already exists". */
const ALREADY_THERE = [81_057, 81_058];

/** What is done with the records of one name in its zone. */
type Change<Context> = (
  send: CloudflareApi,
  zone: Zone,
  name: string,
  records: readonly DnsRecord[],
  context: Context,
) => Promise<void>;

/**
 * Adds and removes records one by one, so that a token for a single zone is enough.
 *
 * @see https://developers.cloudflare.com/api/resources/dns/subresources/records/
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 */
export function createProvider(options: CloudflareArguments): DnsProvider {
  const each =
    <Context extends DnsProviderContext>(change: Change<Context>) =>
    (records: readonly DnsRecord[], context: Context): Promise<void> =>
      withCloudflare(options, context, async (send) => {
        const names = [...new Set(records.map(({ name }) => name))];
        await someAtOnce(AT_ONCE, names, async (name) => {
          const own = records.filter((record) => record.name === name);
          const zone = await zoneOf(name, options, send, context.signal);
          // Removing records shifts the pages of a list, so a name is changed by one certificate at a time.
          await withLock([`cloudflare ${zone.id} ${name}`], () =>
            change(send, zone, name, own, context),
          );
        });
      });
  return { label: "Cloudflare", add: each(add), remove: each(remove) };
}

const add: Change<AddContext> = async (send, zone, name, records, context) => {
  const what = `the TXT record of ${name} cannot be added in ${zone.label}`;
  for (const record of records) {
    const { value, ttl } = record;
    // Quoted, as Cloudflare stores TXT records; 60 seconds is the least that it takes.
    const body = { type: "TXT", name, content: `"${value}"`, ttl: Math.max(60, ttl) };
    context.mayAdd([record]);
    const reply = await send({ method: "POST", path: recordsOf(zone), body });
    // Left over from a run that was killed: the value comes from our key.
    const isThere = reply.codes.some((code) => ALREADY_THERE.includes(code));
    if (reply.ok || isThere) continue;
    context.notAdded([record]);
    throw refused(what, reply, DNS_EDIT);
  }
};

const remove: Change<DnsProviderContext> = async (send, zone, name, records) => {
  const what = `the TXT record of ${name} cannot be removed in ${zone.label}`;
  const own = new Set(records.map(({ value }) => value));
  for (const { id, value } of await list(send, zone, name, what)) {
    if (!own.has(value)) continue;
    const reply = await send({ method: "DELETE", path: `${recordsOf(zone)}/${id}` });
    if (!reply.ok && reply.status !== 404) throw refused(what, reply, DNS_EDIT);
  }
};

/** All TXT records of the name, on all pages. */
async function list(
  send: CloudflareApi,
  zone: Zone,
  name: string,
  what: string,
): Promise<{ id: string; value: string }[]> {
  const found = new Map<string, string>();
  for (const form of formsOf(name)) {
    for (let page = 1; ; page++) {
      const query = new URLSearchParams({
        type: "TXT",
        name: form,
        page: String(page),
        per_page: String(PER_PAGE),
      });
      const reply = await send({ method: "GET", path: `${recordsOf(zone)}?${query.toString()}` });
      if (!reply.ok) throw refused(what, reply, DNS_EDIT);
      for (const record of reply.results) {
        if (record["type"] !== "TXT" || !isSameName(record["name"], name)) continue;
        found.set(String(record["id"]), unquoted(String(record["content"])));
      }
      if (page >= reply.totalPages || reply.results.length === 0) break;
    }
  }
  return [...found].map(([id, value]) => ({ id, value }));
}

function recordsOf({ id }: Zone): string {
  return `/zones/${encodeURIComponent(id)}/dns_records`;
}

function unquoted(content: string): string {
  return content.replace(/^"(.*)"$/, "$1");
}
