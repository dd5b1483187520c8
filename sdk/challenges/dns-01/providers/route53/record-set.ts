/** Which change of a Route 53 record set adds or removes values, and keeps the others. Pure. */
import type { Change, ResourceRecordSet } from "@aws-sdk/client-route-53";

import type { DnsRecord } from "../../provider";
import { quoted } from "../../services/txt";

/** The set with `records` besides what it has; `undefined` when all are there. */
export function withRecords(
  name: string,
  existing: ResourceRecordSet | undefined,
  records: readonly DnsRecord[],
): Change | undefined {
  const values = valuesOf(existing);
  const added = records
    .map(({ value }) => quoted(value))
    .filter((value) => !values.includes(value));
  if (added.length === 0) return undefined;
  return {
    Action: "UPSERT",
    ResourceRecordSet: {
      Name: `${name}.`,
      Type: "TXT",
      TTL: existing?.TTL ?? records[0]?.ttl ?? 60,
      ResourceRecords: [...values, ...added].map((Value) => ({ Value })),
    },
  };
}

/** The set without `records`, or its end when nothing is left; `undefined` when none of them is there. */
export function withoutRecords(
  existing: ResourceRecordSet | undefined,
  records: readonly DnsRecord[],
): Change | undefined {
  const values = valuesOf(existing);
  const own = records.map(({ value }) => quoted(value));
  const left = values.filter((value) => !own.includes(value));
  if (existing === undefined || left.length === values.length) return undefined;
  // A deletion has to name the set exactly as it is.
  if (left.length === 0) return { Action: "DELETE", ResourceRecordSet: existing };
  return {
    Action: "UPSERT",
    ResourceRecordSet: { ...existing, ResourceRecords: left.map((Value) => ({ Value })) },
  };
}

function valuesOf(set: ResourceRecordSet | undefined): string[] {
  return (set?.ResourceRecords ?? []).flatMap(({ Value }) => (Value === undefined ? [] : [Value]));
}
