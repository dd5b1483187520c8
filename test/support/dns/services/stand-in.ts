/**
 * Stand-ins for DNS services: zones in memory, and for each service the dialect in which it is asked and answers. A
 * dialect follows the service's reference, which it cites: authentication, paging, limits, error bodies.
 */
import type { IncomingMessage } from "node:http";

import type { DnsProvider } from "../../../../sdk/challenges/dns-01";
import {
  createDnsProvider,
  type DnsProviderArguments,
} from "../../../../sdk/challenges/dns-01/providers";
import { type Reply, startWebService, type WebService } from "../httpreq";
import { type Publish, publishNowhere, unquoted } from "../publish";

export interface StoredRecord {
  readonly id: number;
  /** Without a trailing dot. */
  readonly name: string;
  readonly type: string;
  /** As it was sent. */
  content: string;
  ttl: number;
}

export interface StoredZone {
  readonly id: number;
  readonly name: string;
  readonly records: StoredRecord[];
}

/** What a request wants, from whoever may ask for it. */
export interface Call {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** Those that the credentials see. */
  readonly zones: readonly StoredZone[];
  /** Whether they may change what they see. */
  readonly mayEdit: boolean;
  /** How many items a page holds at most. */
  readonly pageSize: number;
  readonly add: (zone: StoredZone, record: Omit<StoredRecord, "id">) => StoredRecord;
  readonly remove: (zone: StoredZone, which: (record: StoredRecord) => boolean) => StoredRecord[];
}

export interface Dialect<Name extends keyof DnsProviderArguments = keyof DnsProviderArguments> {
  readonly name: Name;
  /** The arguments of the provider, with a secret that tells who asks. */
  argumentsFor(apiUrl: string, secret: string): object;
  /** The secret of a request. */
  secretOf(request: IncomingMessage, body: Readonly<Record<string, unknown>>): string | undefined;
  /** For who is not known. */
  readonly unauthenticated: Reply;
  /** For who may not do that. */
  readonly forbidden: Reply;
  /** For who calls too often. */
  readonly limited: Reply;
  /** What it says instead of an answer that went wrong, with a status of success. */
  readonly errorInside?: Reply;
  answer(call: Call): Reply;
  /** What its messages have to name, where credentials are wrong, or may do too little. */
  readonly remedies: { readonly unauthenticated: string; readonly forbidden: string };
  /** Whether one account can have two zones of one name. */
  readonly hasTwins?: boolean;
  /** How many calls at most remove one record; default 3. */
  readonly callsPerRemoval?: number;
  /** Whether ten names take a few calls. */
  readonly writesAtOnce?: boolean;
  /** Seconds. */
  readonly minTtl?: number;
}

export interface StandInOptions {
  readonly zones?: readonly string[];
  readonly pageSize?: number;
  readonly publish?: Publish;
}

export interface StandIn extends WebService {
  readonly dialect: Dialect;
  readonly zones: StoredZone[];
  /** How many items a page holds. */
  pageSize: number;
  /** A second secret that may do everything. */
  alias: string | undefined;
  /** Answers this many calls, then refuses this many as too many. */
  limit(after: number, times: number): void;
  /** Ends the connection once the next change is made. */
  cutNextChange(): void;
  provider(secret?: string, more?: object): Promise<DnsProvider>;
  /** "name value", sorted. */
  values(): string[];
}

/** Secrets and what they may do. */
export const WHOLE = "whole-account-secret";
export const READ_ONLY = "reads-alone-secret";
export const UNKNOWN = "nobody-knows-secret";

const ZONES = ["example.com", "sub.example.com", "example.org"];

export async function startStandIn(
  dialect: Dialect,
  { zones: names = ZONES, pageSize = 2, publish = publishNowhere }: StandInOptions = {},
): Promise<StandIn> {
  const zones: StoredZone[] = names.map((name, index) => ({ id: index + 1, name, records: [] }));
  let lastId = 1000;
  let limited = { after: Infinity, times: 0 };
  let cutNext = false;
  const service = await startWebService(async (request, url, sent) => {
    const body = (sent ?? {}) as Readonly<Record<string, unknown>>;
    if (limited.after-- <= 0 && limited.times-- > 0) return dialect.limited;
    const shown = dialect.secretOf(request, body);
    const secret = shown !== undefined && shown === standIn.alias ? WHOLE : shown;
    if (secret !== WHOLE && secret !== READ_ONLY) return dialect.unauthenticated;
    const changed = new Set<string>();
    const reply = dialect.answer({
      request,
      body,
      pageSize: standIn.pageSize,
      zones,
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      mayEdit: secret === WHOLE,
      add: (zone, record) => {
        const made = { ...record, id: (lastId += 1) };
        zone.records.push(made);
        changed.add(record.name);
        return made;
      },
      remove: (zone, which) => {
        const gone = zone.records.filter(which);
        zone.records.splice(
          0,
          Infinity,
          ...zone.records.filter((record) => !gone.includes(record)),
        );
        for (const { name } of gone) changed.add(name);
        return gone;
      },
    });
    for (const name of changed) await publish(name, valuesOf(zones, name));
    if (changed.size === 0 || !cutNext) return reply;
    cutNext = false;
    return { ...reply, cut: true };
  });
  const standIn: StandIn = Object.assign(service, {
    dialect,
    zones,
    pageSize,
    alias: undefined,
    limit: (after: number, times: number) => {
      limited = { after, times };
    },
    cutNextChange: () => {
      cutNext = true;
    },
    provider: (secret = WHOLE, more = {}) =>
      createDnsProvider({
        [dialect.name]: { ...dialect.argumentsFor(service.url, secret), ...more },
      }),
    values: () =>
      zones
        .flatMap(({ records }) => records)
        .filter(({ type }) => type === "TXT")
        .map(({ name, content }) => `${name} ${unquoted(content)}`)
        .sort(),
  });
  return standIn;
}

export function json(status: number, body?: unknown, headers?: Reply["headers"]): Reply {
  return { status, body, headers };
}

/** The items of the page that is asked for, and how many pages there are. */
export function pageOf<T>(
  items: readonly T[],
  size: number,
  page: number,
): { readonly items: readonly T[]; readonly pages: number } {
  return {
    items: items.slice((page - 1) * size, page * size),
    pages: Math.max(1, Math.ceil(items.length / size)),
  };
}

/** The TXT records of a name. */
export function setOf(zone: StoredZone, name: string): StoredRecord[] {
  return zone.records.filter((record) => record.name === name && record.type === "TXT");
}

/** Puts `contents` in the place of what a name has. */
export function replaceSet(
  zone: StoredZone,
  name: string,
  contents: readonly string[],
  ttl: number,
  { add, remove }: Pick<Call, "add" | "remove">,
): void {
  remove(zone, (record) => record.name === name && record.type === "TXT");
  for (const content of contents) add(zone, { name, type: "TXT", content, ttl });
}

/** `name` below `zone`; the empty text and "@" are the zone itself. */
export function fullName(name: string, { name: zone }: StoredZone): string {
  return name === "" || name === "@" ? zone : `${name}.${zone}`;
}

export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
}

export { type Reply, unquoted };

function valuesOf(zones: readonly StoredZone[], name: string): string[] {
  return zones.flatMap(({ records }) =>
    records
      .filter((record) => record.name === name && record.type === "TXT")
      .map(({ content }) => unquoted(content)),
  );
}
