/** TXT records in Cloudflare's DNS, by its REST API. @see https://developers.cloudflare.com/api/ */
import { isRecord } from "../../../../util/json";
import { enumerate, singleLine } from "../../../../util/text";
import { withLock } from "../../../../util/concurrency";
import { upwards } from "../../../../dns/zone";
import { someAtOnce } from "../../all-settled";
import { type Api, type ApiCall, type ApiReply, excerpt, withApi } from "../../../../http/json-api";
import type { DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import type { CloudflareArguments } from "./arguments";

const API_URL = "https://api.cloudflare.com/client/v4";
/** The API allows a user 1200 calls in five minutes. */
const AT_ONCE = 8;
const PER_PAGE = 100;
/** "Record already exists" and "An identical record already exists". */
const ALREADY_THERE = [81_057, 81_058];

/**
 * Adds and removes records one by one, so that a token for a single zone is enough.
 *
 * @see https://developers.cloudflare.com/api/resources/dns/subresources/records/
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 */
export function createProvider(options: CloudflareArguments): DnsProvider {
  const run = (
    records: readonly DnsRecord[],
    context: DnsProviderContext,
    work: (zone: Zone, name: string, records: readonly DnsRecord[]) => Promise<void>,
  ): Promise<void> =>
    withApi({ service: "Cloudflare", ...context }, async (api) => {
      const zoneOf = zoneFinder(new CloudflareApi(api, options), options.zoneId);
      const names = [...new Set(records.map(({ name }) => name))];
      await someAtOnce(AT_ONCE, names, async (name) => {
        const own = records.filter((record) => record.name === name);
        const zone = await zoneOf(name);
        // Removing records shifts the pages of a list, so a name is changed by one certificate at a time.
        await withLock([`cloudflare ${zone.id} ${name}`], () => work(zone, name, own));
      });
    });
  return {
    label: "Cloudflare",
    add: (records, context) => run(records, context, (zone, name, own) => zone.add(name, own)),
    remove: (records, context) =>
      run(records, context, (zone, name, own) => zone.remove(name, own)),
  };
}

/** Finds the zone of a name, each zone once. */
function zoneFinder(
  api: CloudflareApi,
  zoneId: string | undefined,
): (name: string) => Promise<Zone> {
  const known = new Map<string, Promise<string | undefined>>();
  const idOf = (domain: string): Promise<string | undefined> => {
    const found = known.get(domain) ?? api.zoneId(domain);
    known.set(domain, found);
    return found;
  };
  return async (name) => {
    if (zoneId !== undefined) return new Zone(api, zoneId, `zone ${zoneId}`);
    // Not the name itself, which is below _acme-challenge or at the end of a CNAME, nor a top-level domain.
    const candidates = upwards(name).filter(
      (domain) => domain.includes(".") && !domain.startsWith("_"),
    );
    for (const domain of candidates) {
      const id = await idOf(domain);
      if (id !== undefined) return new Zone(api, id, domain);
    }
    throw new Error(
      `no zone for ${name} is visible to the API token (looked for ${enumerate(candidates)}): give it the permission Zone → Zone → Read and the zone in "Zone Resources", or give zoneId`,
    );
  };
}

class Zone {
  constructor(
    private readonly api: CloudflareApi,
    readonly id: string,
    private readonly label: string,
  ) {}

  async add(name: string, records: readonly DnsRecord[]): Promise<void> {
    const what = `the TXT record of ${name} cannot be added in ${this.label}`;
    for (const { value, ttl } of records) {
      // Quoted, as Cloudflare stores TXT records; 60 seconds is the least that it takes.
      const body = { type: "TXT", name, content: `"${value}"`, ttl: Math.max(60, ttl) };
      const reply = await this.api.send({ method: "POST", path: this.path(), body });
      // Left over from a run that was killed: the value comes from our key.
      const isThere = ALREADY_THERE.includes(reply.code ?? 0);
      if (!reply.ok && !isThere) throw refused(what, reply, DNS_EDIT);
    }
  }

  async remove(name: string, records: readonly DnsRecord[]): Promise<void> {
    const what = `the TXT record of ${name} cannot be removed in ${this.label}`;
    const own = new Set(records.map(({ value }) => value));
    for (const { id, value } of await this.list(name, what)) {
      if (!own.has(value)) continue;
      const reply = await this.api.send({ method: "DELETE", path: `${this.path()}/${id}` });
      if (!reply.ok && reply.status !== 404) throw refused(what, reply, DNS_EDIT);
    }
  }

  /** All TXT records of the name, on all pages. */
  private async list(name: string, what: string): Promise<{ id: string; value: string }[]> {
    const found: { id: string; value: string }[] = [];
    for (let page = 1; ; page++) {
      const query = new URLSearchParams({
        type: "TXT",
        name,
        page: String(page),
        per_page: String(PER_PAGE),
      });
      const path = `${this.path()}?${query.toString()}`;
      const reply = await this.api.send({ method: "GET", path });
      if (!reply.ok) throw refused(what, reply, DNS_EDIT);
      for (const record of reply.results) {
        if (record["type"] !== "TXT" || String(record["name"]).toLowerCase() !== name) continue;
        found.push({ id: String(record["id"]), value: unquoted(String(record["content"])) });
      }
      if (page >= reply.totalPages || reply.results.length === 0) return found;
    }
  }

  private path(): string {
    return `/zones/${encodeURIComponent(this.id)}/dns_records`;
  }
}

const DNS_EDIT = "Zone → DNS → Edit";
const ZONE_READ = "Zone → Zone → Read (or give zoneId)";

interface CloudflareReply {
  readonly ok: boolean;
  readonly status: number;
  /** The first error's. */
  readonly code: number | undefined;
  readonly words: string;
  readonly results: readonly Record<string, unknown>[];
  readonly totalPages: number;
}

class CloudflareApi {
  constructor(
    private readonly api: Api,
    private readonly options: CloudflareArguments,
  ) {}

  async send(
    call: Pick<ApiCall, "method" | "body"> & { readonly path: string },
  ): Promise<CloudflareReply> {
    const base = (this.options.apiUrl ?? API_URL).replace(/\/+$/, "");
    return toReply(
      await this.api.call({
        method: call.method,
        url: `${base}${call.path}`,
        headers: { Authorization: `Bearer ${this.options.apiToken}` },
        body: call.body,
      }),
    );
  }

  /** `undefined` where the token sees no such zone. */
  async zoneId(domain: string): Promise<string | undefined> {
    const query = new URLSearchParams({ name: domain, per_page: "50" });
    const reply = await this.send({ method: "GET", path: `/zones?${query.toString()}` });
    if (!reply.ok) throw refused(`zone ${domain} cannot be looked up`, reply, ZONE_READ);
    const zones = reply.results.filter((zone) => zone["name"] === domain);
    // A domain may be pending in one account while another account serves it.
    const zone = zones.find(({ status }) => status === "active") ?? zones[0];
    return zone === undefined ? undefined : String(zone["id"]);
  }
}

function toReply({ status, json, text }: ApiReply): CloudflareReply {
  const envelope = isRecord(json) ? json : {};
  const errors = listOf(envelope["errors"]);
  const info = envelope["result_info"];
  const pages = isRecord(info) ? Number(info["total_pages"]) : 1;
  const code = Number(errors[0]?.["code"]);
  return {
    ok: status < 300 && envelope["success"] === true,
    status,
    code: Number.isFinite(code) ? code : undefined,
    words:
      errors.length === 0
        ? excerpt(text)
        : `: ${errors.map((error) => singleLine(`${String(error["message"])} (code ${String(error["code"])})`, 200)).join(", ")}`,
    results: listOf(envelope["result"]),
    totalPages: Number.isFinite(pages) ? pages : 1,
  };
}

function refused(what: string, { status, words }: CloudflareReply, permission: string): Error {
  const remedy =
    status === 401 || status === 403 || status === 400 ? remedyFor(status, words, permission) : "";
  return new Error(`${what}: Cloudflare answers ${String(status)}${words}${remedy}`);
}

function remedyFor(status: number, words: string, permission: string): string {
  if (status === 403) return `; the API token needs the permission ${permission}`;
  if (status === 401 || words.includes("Authorization")) {
    return "; apiToken must be an API token that is active (My Profile → API Tokens), not the global API key";
  }
  return "";
}

function unquoted(content: string): string {
  return content.replace(/^"(.*)"$/, "$1");
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
