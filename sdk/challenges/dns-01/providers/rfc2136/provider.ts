/** TXT records by dynamic updates, signed with TSIG: BIND, Knot, PowerDNS and others. @see RFC 2136, RFC 8945 */
import { ConfigurationError } from "../../../../util/errors";
import { normalizeHost } from "../../../../util/host-name";
import { enumerate } from "../../../../util/text";
import { ask, newMessageId } from "../../../../dns/exchange";
import { nameOf } from "../../../../dns/server";
import { encodeUpdate, rcodeOf } from "../../../../dns/message";
import { sign, type TsigKey, verify } from "../../../../dns/tsig";
import { findZone } from "../../../../dns/zone";
import { allSettled } from "../../all-settled";
import type { AddContext, DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import type { Rfc2136Arguments } from "./arguments";
import { send, type Server, serverAt } from "./server";

/** @param now - seconds since the epoch; the clock of tests */
export function createProvider(options: Rfc2136Arguments, now = seconds): DnsProvider {
  const key: TsigKey = {
    name: normalizeHost(options.keyName),
    secret: secretOf(options.keySecret),
    algorithm: options.keyAlgorithm ?? "hmac-sha256",
  };
  const change =
    (action: "add" | "delete") =>
    async (records: readonly DnsRecord[], context: ChangeContext): Promise<void> => {
      const server = await serverAt(options.server);
      const zones = await byZone(server, records, options.zone, context.signal);
      await allSettled(
        [...zones].map(([zone, changes]) =>
          update({ server, key, zone, action, changes, now }, context),
        ),
      );
    };
  return {
    label: `rfc2136 at ${options.server}`,
    add: change("add"),
    remove: change("delete"),
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function secretOf(text: string): Buffer {
  const trimmed = text.trim();
  if (trimmed !== "" && /^[A-Za-z0-9+/]+={0,2}$/.test(trimmed)) {
    return Buffer.from(trimmed, "base64");
  }
  throw new ConfigurationError("rfc2136: keySecret must be base64, as tsig-keygen writes it");
}

async function byZone(
  server: Server,
  records: readonly DnsRecord[],
  given: string | undefined,
  signal: AbortSignal,
): Promise<Map<string, DnsRecord[]>> {
  const zones = new Map<string, DnsRecord[]>();
  const missing: string[] = [];
  for (const record of records) {
    const zone =
      given === undefined ? await zoneOf(server, record.name, signal) : normalizeHost(given);
    if (zone === undefined) missing.push(record.name);
    else zones.set(zone, [...(zones.get(zone) ?? []), record]);
  }
  if (missing.length === 0) return zones;
  throw new Error(
    `${server.name} has no zone for ${enumerate([...new Set(missing)])}; give the argument zone where it hides SOA records`,
  );
}

/** A server can update only the zones that it is authoritative for. */
function zoneOf(server: Server, name: string, signal: AbortSignal): Promise<string | undefined> {
  return findZone(name, async (candidate) => {
    const question = { name: candidate, type: "SOA", recurse: false } as const;
    const reply = await server.ask((address) => ask(address, question, { signal }));
    return ["NOERROR", "NXDOMAIN"].includes(reply.rcode) ? reply : undefined;
  });
}

/** Of an addition, or of a removal. */
type ChangeContext = DnsProviderContext & Partial<AddContext>;

interface Update {
  readonly server: Server;
  readonly key: TsigKey;
  readonly zone: string;
  readonly action: "add" | "delete";
  readonly changes: readonly DnsRecord[];
  readonly now: () => number;
}

async function update(request: Update, context: ChangeContext): Promise<void> {
  const { server, key, zone, action, changes, now } = request;
  const plain = encodeUpdate(newMessageId(), zone, action, changes);
  const { message, mac } = sign(plain, key, now());
  context.mayAdd?.(changes);
  const { address, reply } = await server.ask(async (one) => ({
    address: nameOf(one),
    reply: await send(one, message, context.signal),
  }));
  const verification = verify(reply, key, mac, now());
  const rcode = rcodeOf(reply);
  if (verification.kind === "valid" && rcode === "NOERROR") return;
  // RFC 2136 §3: all of an update, or nothing.
  if (verification.kind !== "invalid") context.notAdded?.(changes);
  const names = enumerate([...new Set(changes.map(({ name }) => name))]);
  const what = `${address} does not ${action} TXT records of ${names} in zone ${zone}`;
  if (verification.kind === "refused") {
    throw new Error(`${what}: ${rcode}, ${signatureRefused(verification, key, now())}`);
  }
  if (verification.kind === "invalid" && rcode === "NOERROR") {
    throw new Error(
      `${address} claims to ${action} TXT records of ${names}, but its answer cannot be trusted: ${verification.reason}`,
    );
  }
  throw new Error(`${what}: ${rcode}${remedyFor(rcode, key, zone)}`);
}

function signatureRefused(
  { error, serverTime }: { readonly error: string; readonly serverTime?: number },
  key: TsigKey,
  now: number,
): string {
  switch (error) {
    case "BADKEY":
      return `BADKEY: it knows no key "${key.name}" for ${key.algorithm}; check keyName and keyAlgorithm`;
    case "BADSIG":
      return `BADSIG: the signature by key "${key.name}" is wrong; check keySecret`;
    case "BADTIME": {
      const apart =
        serverTime === undefined ? "" : ` by ${String(Math.abs(now - serverTime))} seconds`;
      return `BADTIME: its clock and this machine's differ${apart}; set them`;
    }
    default:
      return error;
  }
}

function remedyFor(rcode: string, key: TsigKey, zone: string): string {
  switch (rcode) {
    case "REFUSED":
      return `: its policy does not let key "${key.name}" change these records; see update-policy or allow-update of the zone`;
    case "NOTAUTH":
      return `: it is not the primary server of ${zone}, or does not accept the key "${key.name}"; check zone and keyName`;
    case "NOTZONE":
      return ": the names are not in that zone; check zone";
    case "SERVFAIL":
      return ": the server's log says why; often it may not write its zone or journal files";
    default:
      return "";
  }
}
