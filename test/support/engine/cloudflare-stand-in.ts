/**
 * A stand-in for the plugins of `@pulumi/cloudflare` and `@pulumi/aws`: keeps DNS records and serves them by challtestsrv.
 *
 *
 * It is a program of its own: the engine starts it, as `pulumi-resource-cloudflare` or `…-aws`. See `cloudflare-plugin.ts`.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import * as provider from "@pulumi/pulumi/provider";

interface DnsRecord {
  readonly zoneId: string;
  readonly name: string;
  readonly type: string;
  /** Of `cloudflare.DnsRecord`. */
  readonly content?: string;
  /** Of `aws.route53.Record`. */
  readonly records?: readonly string[];
  readonly ttl: number;
}

const TYPES = ["cloudflare:index/dnsRecord:DnsRecord", "aws:route53/record:Record"];

/** Texts of TXT records may stand in quotation marks, as in a zone file. */
function valuesOf({ content, records = [] }: DnsRecord): readonly string[] {
  const texts = content === undefined ? records : [content];
  return texts.map((text) => text.replace(/^"(.*)"$/, "$1"));
}

const storeFile = process.env["STAND_IN_STORE"] ?? "";
const managementUrl = process.env["STAND_IN_DNS"] ?? "";

/** What the service holds, over all runs of this program: id → record. */
function readRecords(): Record<string, DnsRecord> {
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
      await post("clear-txt", { host: `${name}.` });
      const held = Object.values(records).filter((record) => record.name === name);
      for (const value of held.flatMap(valuesOf))
        await post("set-txt", { host: `${name}.`, value });
    }
  });
  turn = done.catch(() => undefined);
  return done;
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

  check: (urn, _olds, news: DnsRecord) => {
    // Inside of a component the type has those of its parents before it, each with a `$`.
    const isKnown = [...TYPES, "pulumi:providers:"].some((type) => urn.includes(type));
    const failures = isKnown ? [] : [{ property: "", reason: `the stand-in has no ${urn}` }];
    return Promise.resolve({ inputs: news, failures });
  },

  diff: (_id, _urn, olds: DnsRecord, news: DnsRecord) => {
    const keys = ["zoneId", "name", "type", "content", "records", "ttl"] as const;
    const changed = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return Promise.resolve({
      changes: changed.length > 0,
      replaces: changed.filter((key) => key === "zoneId"),
    });
  },

  create: async (_urn, inputs: DnsRecord) => {
    const id = randomUUID();
    await change((records) => {
      records[id] = inputs;
      return [inputs.name];
    });
    return { id, outs: inputs };
  },

  update: async (id, _urn, olds: DnsRecord, news: DnsRecord) => {
    await change((records) => {
      records[id] = news;
      return [olds.name, news.name];
    });
    return { outs: news };
  },

  read: (id) => {
    const props = readRecords()[id];
    return Promise.resolve(props === undefined ? { id: "", props: {} } : { id, props });
  },

  delete: async (id, _urn, props: DnsRecord) => {
    await change((records) => {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the store is a plain object
      delete records[id];
      return [props.name];
    });
  },
};

void provider.main(standIn, process.argv.slice(2));
