/**
 * A stand-in for the plugins of Pulumi's DNS providers: keeps records and serves them by challtestsrv.
 *
 * It is a program of its own: the engine starts it, as `pulumi-resource-cloudflare`, `…-aws` and so on. See `dns-plugins.ts`.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

import * as provider from "@pulumi/pulumi/provider";

/** What a resource says in its provider's own way. */
interface Properties {
  readonly name: string;
  readonly type?: string;
  readonly domain: string;
  readonly zone: string;
  readonly content: string;
  readonly value: string;
  readonly rrdatas: readonly string[];
  readonly relativeRecordSetName: string;
  readonly recordType: string;
  readonly zoneName: string;
  readonly txtRecords: readonly { readonly value: readonly string[] }[];
  readonly records: readonly (string & { readonly value: string })[];
}

interface DnsRecord {
  /** Without a trailing dot. */
  readonly name: string;
  readonly type: string;
  /** As the record holds them: texts of TXT records may stand in quotation marks, as in a zone file. */
  readonly values: readonly string[];
}

type Reader = (properties: Properties) => Omit<DnsRecord, "type">;

/** Where a name is relative to the zone. */
const below = (name: string, zone: string): string => (name === "@" ? zone : `${name}.${zone}`);

const TYPES: Readonly<Record<string, Reader>> = {
  "cloudflare:index/dnsRecord:DnsRecord": ({ name, content }) => ({ name, values: [content] }),
  "aws:route53/record:Record": ({ name, records }) => ({ name, values: records }),
  "azure-native:dns:RecordSet": ({ relativeRecordSetName, zoneName, txtRecords }) => ({
    name: below(relativeRecordSetName, zoneName),
    values: txtRecords.map(({ value }) => value.join("")),
  }),
  "digitalocean:index/dnsRecord:DnsRecord": ({ name, domain, value }) => ({
    name: below(name, domain),
    values: [value],
  }),
  "gcp:dns/recordSet:RecordSet": ({ name, rrdatas }) => {
    if (!name.endsWith(".")) throw new Error(`${name} must end with a dot`);
    return { name: name.slice(0, -1), values: rrdatas.map(quoted) };
  },
  "hcloud:index/zoneRrset:ZoneRrset": ({ name, zone, records }) => ({
    name: below(name, zone),
    values: records.map(({ value }) => quoted(value)),
  }),
};

/** For services that want quotation marks. */
function quoted(value: string): string {
  if (!/^".*"$/.test(value)) throw new Error(`${value} must stand in quotation marks`);
  return value;
}

/** What a resource wants to be in DNS; inside of a component the type has those of its parents before it. */
function recordOf(urn: string, properties: Properties): DnsRecord {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const read = TYPES[type];
  if (read === undefined) throw new Error(`the stand-in has no ${type}`);
  return { ...read(properties), type: properties.type ?? properties.recordType };
}

/** Of each provider its own: they run at the same time. */
const storeFile = `${process.env["STAND_IN_STORE"] ?? ""}/${basename(process.argv[1] ?? "")}.json`;
const managementUrl = process.env["STAND_IN_DNS"] ?? "";

/** What the service holds, over all runs of this program: id → record. */
function readRecords(): Record<string, DnsRecord> {
  if (!existsSync(storeFile)) return {};
  return JSON.parse(readFileSync(storeFile, "utf8")) as Record<string, DnsRecord>;
}

let turn: Promise<unknown> = Promise.resolve();

/** One change at a time: others of the same name are served again. */
function change(apply: (records: Record<string, DnsRecord>) => readonly string[]): Promise<void> {
  const done = turn.then(async () => {
    const records = readRecords();
    const names = new Set(apply(records));
    writeFileSync(storeFile, JSON.stringify(records));
    for (const name of names) {
      const held = Object.values(records).filter((record) => record.name === name);
      await serve(name, held);
    }
  });
  turn = done.catch(() => undefined);
  return done;
}

async function serve(name: string, held: readonly DnsRecord[]): Promise<void> {
  const host = `${name}.`;
  await post("clear-txt", { host });
  await post("clear-cname", { host });
  for (const { type, values } of held) {
    for (const value of values) {
      if (type === "CNAME") await post("set-cname", { host, target: `${value}.` });
      else await post("set-txt", { host, value: value.replace(/^"(.*)"$/, "$1") });
    }
  }
}

async function post(call: string, body: unknown): Promise<void> {
  const response = await fetch(`${managementUrl}/${call}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`challtestsrv ${call}: ${String(response.status)}`);
}

const standIn: provider.Provider = {
  version: "6.22.1",

  check: (urn, _olds, news: Properties) => {
    const isKnown = [...Object.keys(TYPES), "pulumi:providers:"].some((type) => urn.includes(type));
    const failures = isKnown ? [] : [{ property: "", reason: `the stand-in has no ${urn}` }];
    return Promise.resolve({ inputs: news, failures });
  },

  diff: (_id, _urn, olds: object, news: object) => {
    const keys = new Set([...Object.keys(olds), ...Object.keys(news)]) as Set<never>;
    const changed = [...keys].filter(
      (key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
    );
    return Promise.resolve({
      changes: changed.length > 0,
      replaces: changed.filter((key) => ["zoneId", "zoneName", "zone", "domain"].includes(key)),
    });
  },

  create: async (urn, inputs: Properties) => {
    const id = randomUUID();
    await change((records) => {
      records[id] = recordOf(urn, inputs);
      return [records[id].name];
    });
    return { id, outs: inputs };
  },

  update: async (id, urn, olds: Properties, news: Properties) => {
    await change((records) => {
      records[id] = recordOf(urn, news);
      return [recordOf(urn, olds).name, records[id].name];
    });
    return { outs: news };
  },

  read: (id, _urn, props: Properties) => {
    const isThere = id in readRecords();
    return Promise.resolve(isThere ? { id, props } : { id: "", props: {} });
  },

  delete: async (id, urn, props: Properties) => {
    await change((records) => {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the store is a plain object
      delete records[id];
      return [recordOf(urn, props).name];
    });
  },
};

void provider.main(standIn, process.argv.slice(2));
