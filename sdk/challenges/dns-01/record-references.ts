/** How many certificates of this process need a record: the last one removes it. */
import type { DnsProvider, DnsRecord } from "./provider";

/*
 * A CA may give one pending authorization to two orders: the same token, the same record. All resources of a
 * deployment share one process, and the first to finish must not remove the record that the other one needs.
 */
const references = new Map<string, number>();

export function retain(provider: DnsProvider, records: readonly DnsRecord[]): void {
  for (const record of records) {
    const key = keyOf(provider, record);
    references.set(key, (references.get(key) ?? 0) + 1);
  }
}

/** Those of `records` that nobody needs any more: they are to be removed. */
export function release(provider: DnsProvider, records: readonly DnsRecord[]): DnsRecord[] {
  return records.filter((record) => {
    const key = keyOf(provider, record);
    const left = (references.get(key) ?? 1) - 1;
    if (left > 0) references.set(key, left);
    else references.delete(key);
    return left <= 0;
  });
}

function keyOf({ label }: DnsProvider, { name, value }: DnsRecord): string {
  return JSON.stringify([label, name, value]);
}
