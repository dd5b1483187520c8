/** TXT records in Amazon Route 53, by the AWS SDK, which is loaded when it is needed. */
import type * as Sdk from "@aws-sdk/client-route-53";

import { delay } from "../../../../util/abort";
import { ConfigurationError, messageOf, TimeoutError } from "../../../../util/errors";
import { enumerate } from "../../../../util/text";
import { withLock } from "../../../../util/concurrency";
import { upwards } from "../../../../dns/zone";
import { allSettled } from "../../all-settled";
import type { DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import type { Route53Arguments } from "./arguments";
import { withRecords, withoutRecords } from "./record-set";

type Route53 = typeof Sdk;

const REGION = "us-east-1";
const POLL_MS = 3000;
const IN_SYNC_MS = 5 * 60_000;
const ATTEMPTS = 6;

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
    async (records: readonly DnsRecord[], context: DnsProviderContext): Promise<void> => {
      const sdk = await loadSdk();
      const client = new sdk.Route53Client(clientConfiguration(options));
      try {
        const zones = await byZone(new Zones(sdk, client, options, context.signal), records);
        await allSettled(
          [...zones].map(([zone, changes]) =>
            apply({ sdk, client, zone, action, records: changes, pollMs }, context),
          ),
        );
      } catch (error) {
        context.signal.throwIfAborted();
        throw explained(error);
      } finally {
        client.destroy();
      }
    };
  return { label: "Route 53", add: change("add"), remove: change("remove") };
}

/** @throws {@link ConfigurationError} where the optional package is not installed */
async function loadSdk(): Promise<Route53> {
  try {
    return await import("@aws-sdk/client-route-53");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    throw new ConfigurationError(
      "the solver route53 needs the package @aws-sdk/client-route-53, which is not installed: npm install @aws-sdk/client-route-53",
      { cause: error },
    );
  }
}

function clientConfiguration(options: Route53Arguments): Sdk.Route53ClientConfig {
  const { region, endpoint, profile, accessKeyId, secretAccessKey, sessionToken } = options;
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined
      ? undefined
      : { accessKeyId, secretAccessKey, sessionToken };
  return {
    region: region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? REGION,
    // The SDK itself waits and repeats when it is throttled, or while another change is pending.
    maxAttempts: ATTEMPTS,
    endpoint,
    profile,
    credentials,
  };
}

/** Finds the hosted zones of names, each once. */
class Zones {
  readonly #known = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly sdk: Route53,
    private readonly client: Sdk.Route53Client,
    private readonly options: Route53Arguments,
    private readonly signal: AbortSignal,
  ) {}

  async of(name: string): Promise<string> {
    if (this.options.hostedZoneId !== undefined) return this.options.hostedZoneId;
    const candidates = upwards(name).filter((domain) => domain.includes("."));
    for (const domain of candidates) {
      const found = this.#known.get(domain) ?? this.#find(domain);
      this.#known.set(domain, found);
      const id = await found;
      if (id !== undefined) return id;
    }
    throw new Error(
      `no public hosted zone for ${name} is visible to these credentials (looked for ${enumerate(candidates)}); give hostedZoneId, or other credentials`,
    );
  }

  /** Private zones are skipped: no CA sees them. */
  async #find(domain: string): Promise<string | undefined> {
    const command = new this.sdk.ListHostedZonesByNameCommand({ DNSName: domain });
    const { HostedZones = [] } = await this.client.send(command, {
      abortSignal: this.signal,
    });
    const zones = HostedZones.filter(
      ({ Name, Config }) => Name === `${domain}.` && Config?.PrivateZone !== true,
    ).flatMap(({ Id }) => (Id === undefined ? [] : [Id.replace(/^\/hostedzone\//, "")]));
    if (zones.length > 1) {
      throw new ConfigurationError(
        `there are several public hosted zones ${domain} (${enumerate(zones)}); give hostedZoneId`,
      );
    }
    return zones[0];
  }
}

async function byZone(
  zones: Zones,
  records: readonly DnsRecord[],
): Promise<Map<string, DnsRecord[]>> {
  const found = new Map<string, DnsRecord[]>();
  for (const record of records) {
    const zone = await zones.of(record.name);
    found.set(zone, [...(found.get(zone) ?? []), record]);
  }
  return found;
}

interface ZoneChange {
  readonly sdk: Route53;
  readonly client: Sdk.Route53Client;
  readonly zone: string;
  readonly action: "add" | "remove";
  readonly records: readonly DnsRecord[];
  readonly pollMs: number;
}

/** All record sets of one zone in one change. */
async function apply(request: ZoneChange, { signal, progress }: DnsProviderContext): Promise<void> {
  const { sdk, client, zone, action, records, pollMs } = request;
  const names = [...new Set(records.map(({ name }) => name))];
  // A set is read, changed and written back: by one certificate at a time.
  const id = await withLock([`route53 ${zone}`], async () => {
    signal.throwIfAborted();
    const changes: Sdk.Change[] = [];
    for (const name of names) {
      const own = records.filter((record) => record.name === name);
      const existing = await recordSetOf(request, name, signal);
      const change =
        action === "add" ? withRecords(name, existing, own) : withoutRecords(existing, own);
      if (change !== undefined) changes.push(change);
    }
    if (changes.length === 0) return undefined;
    const { ChangeInfo } = await client.send(
      new sdk.ChangeResourceRecordSetsCommand({
        HostedZoneId: zone,
        ChangeBatch: { Comment: "ACME challenges", Changes: changes },
      }),
      { abortSignal: signal },
    );
    return ChangeInfo?.Id;
  });
  if (id === undefined || action === "remove") return;
  progress(`waits until Route 53 has the TXT records of ${enumerate(names)} on all its servers`);
  const end = Date.now() + IN_SYNC_MS;
  for (;;) {
    const { ChangeInfo } = await client.send(new sdk.GetChangeCommand({ Id: id }), {
      abortSignal: signal,
    });
    if (ChangeInfo?.Status === "INSYNC") return;
    if (Date.now() > end) {
      throw new TimeoutError(`Route 53's change ${id} is not in sync after 5 minutes`);
    }
    await delay(pollMs, signal);
  }
}

async function recordSetOf(
  { sdk, client, zone }: ZoneChange,
  name: string,
  signal: AbortSignal,
): Promise<Sdk.ResourceRecordSet | undefined> {
  // Sorted by name and type, from the given ones on: the first is the one, or there is none.
  const { ResourceRecordSets: sets = [] } = await client.send(
    new sdk.ListResourceRecordSetsCommand({
      HostedZoneId: zone,
      StartRecordName: name,
      StartRecordType: "TXT",
    }),
    { abortSignal: signal },
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
