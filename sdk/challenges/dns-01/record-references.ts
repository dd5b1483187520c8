/** How many certificates of this process need a record, and may have added it: the last one removes it. */
import type { DnsProvider, DnsRecord } from "./provider";

interface References {
  readonly needed: number;
  readonly added: number;
}

/*
 * A CA may give one pending authorization to two orders: the same token, the same record. All resources of a
 * deployment share one process, and the first to finish must not remove the record that the other one needs.
 */
const references = new Map<string, References>();

export function retain(provider: DnsProvider, records: readonly DnsRecord[]): void {
  change(provider, records, ({ needed, added }) => ({ needed: needed + 1, added }));
}

/** Notes that a certificate may have added `records`. */
export function noteAdded(provider: DnsProvider, records: readonly DnsRecord[]): void {
  change(provider, records, ({ needed, added }) => ({ needed, added: added + 1 }));
}

/** Takes {@link noteAdded} back: the service has refused. */
export function noteRefused(provider: DnsProvider, records: readonly DnsRecord[]): void {
  change(provider, records, ({ needed, added }) => ({ needed, added: added - 1 }));
}

/** Those of `records` that nobody needs any more and somebody may have added: they are to be removed. */
export function release(provider: DnsProvider, records: readonly DnsRecord[]): DnsRecord[] {
  return records.filter((record) => {
    const key = keyOf(provider, record);
    const { needed, added } = references.get(key) ?? { needed: 1, added: 0 };
    if (needed > 1) references.set(key, { needed: needed - 1, added });
    else references.delete(key);
    return needed <= 1 && added > 0;
  });
}

function change(
  provider: DnsProvider,
  records: readonly DnsRecord[],
  by: (before: References) => References,
): void {
  for (const record of records) {
    const key = keyOf(provider, record);
    references.set(key, by(references.get(key) ?? { needed: 0, added: 0 }));
  }
}

function keyOf({ label, identity = label }: DnsProvider, { name, value }: DnsRecord): string {
  return JSON.stringify([identity, name, value]);
}
