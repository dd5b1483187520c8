/** TXT records in Amazon Route 53, by the AWS SDK, which is loaded when it is needed. */
import type * as Sdk from "@aws-sdk/client-route-53";

import { delay } from "../../../../util/abort";
import { messageOf, TimeoutError } from "../../../../util/errors";
import { enumerate } from "../../../../util/text";
import { withLock } from "../../../../util/concurrency";
import { allSettled } from "../../all-settled";
import type { AddContext, DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import { type Account, accountFor } from "./account";
import type { Route53Arguments } from "./arguments";
import { withRecords, withoutRecords } from "./record-set";
import { zoneOf } from "./zones";

const POLL_MS = 3000;
/** So many certificates may ask at that interval; more of them ask less often each. */
const POLLERS = 4;
const IN_SYNC_MS = 5 * 60_000;

/**
 * Puts values beside those that a record set has already, and takes them out again. Additions are waited for until all
 * of Route 53's servers have them.
 *
 * Needs `route53:ListHostedZonesByName` (without `hostedZoneId`), `route53:ListResourceRecordSets`,
 * `route53:ChangeResourceRecordSets` and `route53:GetChange`.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export function createProvider(options: Route53Arguments, pollMs = POLL_MS): DnsProvider {
  const change =
    (action: "add" | "remove") =>
    async (records: readonly DnsRecord[], context: ChangeContext): Promise<void> => {
      const account = await accountFor(options);
      try {
        const zones = await byZone(records, options.hostedZoneId, account, context);
        await allSettled(
          [...zones].map(async ([zone, changes]) => {
            const id = await apply({ account, zone, action, records: changes }, context);
            if (id !== undefined && action === "add") {
              await inSync(id, changes, account, pollMs, context);
            }
          }),
        );
      } catch (error) {
        context.signal.throwIfAborted();
        throw explained(error);
      }
    };
  return { label: "Route 53", add: change("add"), remove: change("remove") };
}

async function byZone(
  records: readonly DnsRecord[],
  hostedZoneId: string | undefined,
  account: Account,
  context: DnsProviderContext,
): Promise<Map<string, DnsRecord[]>> {
  const found = new Map<string, DnsRecord[]>();
  for (const record of records) {
    const zone = hostedZoneId ?? (await zoneOf(record.name, account, context));
    found.set(zone, [...(found.get(zone) ?? []), record]);
  }
  return found;
}

/** Of an addition, or of a removal. */
type ChangeContext = DnsProviderContext & Partial<AddContext>;

interface ZoneChange {
  readonly account: Account;
  readonly zone: string;
  readonly action: "add" | "remove";
  readonly records: readonly DnsRecord[];
}

/** All record sets of one zone in one change. @returns its id; `undefined` where nothing is to be changed */
function apply(request: ZoneChange, context: ChangeContext): Promise<string | undefined> {
  const { account, zone, action, records } = request;
  const names = [...new Set(records.map(({ name }) => name))];
  // A set is read, changed and written back: by one certificate at a time.
  return withLock([`route53 ${zone}`], async () => {
    context.signal.throwIfAborted();
    const changes: Sdk.Change[] = [];
    for (const name of names) {
      const own = records.filter((record) => record.name === name);
      const existing = await recordSetOf(request, name, context);
      const change =
        action === "add" ? withRecords(name, existing, own) : withoutRecords(existing, own);
      if (change !== undefined) changes.push(change);
    }
    context.mayAdd?.(records);
    if (changes.length === 0) return undefined;
    const command = new account.sdk.ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: { Comment: "ACME challenges", Changes: changes },
    });
    try {
      const { ChangeInfo } = await account.call(context, (client, options) =>
        client.send(command, options),
      );
      return ChangeInfo?.Id;
    } catch (error) {
      if ((error as Partial<Sdk.Route53ServiceException>).$fault === "client") {
        context.notAdded?.(records);
      }
      throw error;
    }
  });
}

/** Waits until all of Route 53's servers have the change. @throws {@link TimeoutError} after five minutes */
async function inSync(
  id: string,
  records: readonly DnsRecord[],
  account: Account,
  pollMs: number,
  context: DnsProviderContext,
): Promise<void> {
  const names = enumerate([...new Set(records.map(({ name }) => name))]);
  context.progress(`waits until Route 53 has the TXT records of ${names} on all its servers`);
  const end = Date.now() + IN_SYNC_MS;
  account.waiting += 1;
  try {
    for (;;) {
      const { ChangeInfo } = await account.call(context, (client, options) =>
        client.send(new account.sdk.GetChangeCommand({ Id: id }), options),
      );
      if (ChangeInfo?.Status === "INSYNC") return;
      if (Date.now() > end) {
        throw new TimeoutError(`Route 53's change ${id} is not in sync after 5 minutes`);
      }
      await delay(pollMs * Math.max(1, account.waiting / POLLERS), context.signal);
    }
  } finally {
    account.waiting -= 1;
  }
}

async function recordSetOf(
  { account, zone }: ZoneChange,
  name: string,
  context: DnsProviderContext,
): Promise<Sdk.ResourceRecordSet | undefined> {
  // Sorted by name and type, from the given ones on: the first is the one, or there is none.
  const command = new account.sdk.ListResourceRecordSetsCommand({
    HostedZoneId: zone,
    StartRecordName: name,
    StartRecordType: "TXT",
  });
  const { ResourceRecordSets: sets = [] } = await account.call(context, (client, options) =>
    client.send(command, options),
  );
  const [first] = sets;
  return first?.Name?.toLowerCase() === `${name}.` && first.Type === "TXT" ? first : undefined;
}

/** What AWS answers, and which permission is missing where it is one. */
function explained(error: unknown): Error {
  if (error instanceof AggregateError) {
    return new AggregateError(error.errors.map((each: unknown) => explained(each)));
  }
  const { name = "" } = error as Partial<Error>;
  const message = messageOf(error);
  if (["AccessDenied", "AccessDeniedException"].includes(name)) {
    return new Error(
      `Route 53 refuses: ${message}; the credentials need route53:ListHostedZonesByName (or give hostedZoneId), route53:ListResourceRecordSets, route53:ChangeResourceRecordSets and route53:GetChange`,
      { cause: error },
    );
  }
  if (
    ["InvalidClientTokenId", "SignatureDoesNotMatch", "CredentialsProviderError"].includes(name)
  ) {
    return new Error(
      `Route 53 does not accept the credentials: ${message}; check accessKeyId and secretAccessKey, or the profile`,
      { cause: error },
    );
  }
  return error instanceof Error ? error : new Error(message);
}
