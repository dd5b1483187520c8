/** Records that several certificates need at the same time. */
import type { DnsProvider, DnsRecord } from "./provider";

/*
 * A CA may hand out one pending authorization to two orders: the same token, the same record. One process serves all
 * resources of a deployment, and who finishes first must not take the record away from the other.
 */
const holders = new Map<string, number>();

export function hold(provider: DnsProvider, records: readonly DnsRecord[]): void {
  for (const record of records) {
    const key = keyOf(provider, record);
    holders.set(key, (holders.get(key) ?? 0) + 1);
  }
}

/** Those of `records` that nobody holds any more, and that are therefore to be removed. */
export function release(provider: DnsProvider, records: readonly DnsRecord[]): DnsRecord[] {
  return records.filter((record) => {
    const key = keyOf(provider, record);
    const left = (holders.get(key) ?? 1) - 1;
    if (left > 0) holders.set(key, left);
    else holders.delete(key);
    return left <= 0;
  });
}

function keyOf({ label }: DnsProvider, { name, value }: DnsRecord): string {
  return JSON.stringify([label, name, value]);
}
