/**
 * A stand-in for Route 53: zones, record sets and changes, in its XML, for requests whose signature is right. Test
 * support.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { closeServer, listenOn } from "../process/ports";
import { bodyOf } from "./httpreq";
import { type Publish, publishNowhere, unquoted } from "./publish";

export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly values: readonly string[];
}

export interface HostedZone {
  readonly id: string;
  /** With its trailing dot. */
  readonly name: string;
  readonly private?: boolean;
}

export interface Route53Service {
  readonly url: string;
  /** By zone id. */
  readonly sets: Map<string, RecordSet[]>;
  /** "METHOD path", as they came. */
  readonly calls: string[];
  /** Statuses that are answered before anything else, with the error codes that go with them. */
  readonly faults: { readonly status: number; readonly code: string }[];
  /** How often a change is PENDING before it is INSYNC. */
  pendingLooks: number;
  /** How many calls it takes in each second of the clock; it refuses the others as AWS does. */
  callsPerSecond: number;
  stop(): Promise<void>;
}

export const ROUTE53_CREDENTIALS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

export async function startRoute53(
  zones: readonly HostedZone[],
  publish: Publish = publishNowhere,
): Promise<Route53Service> {
  const sets = new Map(zones.map(({ id }) => [id, [] as RecordSet[]]));
  const changes = new Map<string, number>();
  const service: Route53Service = {
    url: "",
    sets,
    calls: [],
    faults: [],
    pendingLooks: 1,
    callsPerSecond: Infinity,
    stop: () => closeServer(server),
  };
  let second = { at: 0, calls: 0 };
  const isTooFast = (): boolean => {
    const at = Math.floor(Date.now() / 1000);
    second = { at, calls: second.at === at ? second.calls + 1 : 1 };
    return second.calls > service.callsPerSecond;
  };
  const answer = async (
    request: IncomingMessage,
    url: URL,
    body: string,
  ): Promise<[number, string]> => {
    service.calls.push(`${request.method ?? ""} ${url.pathname}`);
    const fault = service.faults.shift();
    if (fault !== undefined) return [fault.status, errorXml(fault.code, "as the test wants it")];
    if (isTooFast()) return [400, errorXml("Throttling", "Rate exceeded")];
    const refusal = signatureFault(request, url, body);
    if (refusal !== undefined) return [403, errorXml(refusal, "The request signature is wrong.")];
    if (url.pathname === "/2013-04-01/hostedzonesbyname") {
      return [200, zonesXml(zones, url.searchParams.get("dnsname") ?? "")];
    }
    const [, zone = ""] = /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/.exec(url.pathname) ?? [];
    const stored = sets.get(zone);
    if (stored !== undefined && request.method === "GET") return [200, setsXml(stored, url)];
    if (stored !== undefined) {
      const changed = applyBatch(stored, body);
      if (typeof changed === "string") return [400, errorXml("InvalidChangeBatch", changed)];
      for (const name of changed) {
        const set = stored.find((each) => each.name === name && each.type === "TXT");
        await publish(name.replace(/\.$/, ""), (set?.values ?? []).map(unquoted));
      }
      const id = `C${String(changes.size + 1)}`;
      changes.set(id, service.pendingLooks);
      return [
        200,
        `<ChangeResourceRecordSetsResponse>${changeXml(id, "PENDING")}</ChangeResourceRecordSetsResponse>`,
      ];
    }
    const [, change = ""] = /^\/2013-04-01\/change\/([^/]+)$/.exec(url.pathname) ?? [];
    const looks = changes.get(change);
    if (looks === undefined) return [404, errorXml("NoSuchHostedZone", "No such thing.")];
    changes.set(change, looks - 1);
    return [
      200,
      `<GetChangeResponse>${changeXml(change, looks > 0 ? "PENDING" : "INSYNC")}</GetChangeResponse>`,
    ];
  };
  const server = createServer((request, response) => {
    const handle = async (): Promise<void> => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const [status, xml] = await answer(request, url, await bodyOf(request));
      response.writeHead(status, { "Content-Type": "text/xml" });
      response.end(`<?xml version="1.0"?>\n${xml}`);
    };
    handle().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const port = await listenOn(server);
  return Object.assign(service, { url: `http://127.0.0.1:${String(port)}` });
}

function zonesXml(zones: readonly HostedZone[], from: string): string {
  const reversed = (name: string): string => name.replace(/\.$/, "").split(".").reverse().join(".");
  const rest = [...zones]
    .sort((a, b) => (reversed(a.name) < reversed(b.name) ? -1 : 1))
    .filter(({ name }) => reversed(name) >= reversed(from));
  const items = rest.map(
    (zone) =>
      `<HostedZone><Id>/hostedzone/${zone.id}</Id><Name>${zone.name}</Name><CallerReference>x</CallerReference>` +
      `<Config><PrivateZone>${String(zone.private === true)}</PrivateZone></Config></HostedZone>`,
  );
  return `<ListHostedZonesByNameResponse><HostedZones>${items.join("")}</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesByNameResponse>`;
}

function setsXml(stored: readonly RecordSet[], url: URL): string {
  const start = `${(url.searchParams.get("name") ?? "").replace(/\.$/, "")}. ${url.searchParams.get("type") ?? ""}`;
  const key = ({ name, type }: RecordSet): string => `${name} ${type}`;
  const reversed = (text: string): string => {
    const [name = "", type = ""] = text.split(" ");
    return `${name.split(".").reverse().join(".")} ${type}`;
  };
  const rest = [...stored]
    .sort((a, b) => (reversed(key(a)) < reversed(key(b)) ? -1 : 1))
    .filter((set) => reversed(key(set)) >= reversed(start));
  const items = rest.map(
    ({ name, type, ttl, values }) =>
      `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type><TTL>${String(ttl)}</TTL><ResourceRecords>` +
      values.map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`).join("") +
      "</ResourceRecords></ResourceRecordSet>",
  );
  return `<ListResourceRecordSetsResponse><ResourceRecordSets>${items.join("")}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`;
}

/** All or nothing; a deletion has to name the set exactly. @returns the names that are changed, or what is wrong */
function applyBatch(stored: RecordSet[], body: string): ReadonlySet<string> | string {
  const changed = new Set<string>();
  const next = [...stored];
  for (const [, change = ""] of body.matchAll(/<Change>(.*?)<\/Change>/gs)) {
    const set: RecordSet = {
      name: element(change, "Name"),
      type: element(change, "Type"),
      ttl: Number(element(change, "TTL")),
      values: [...change.matchAll(/<Value>(.*?)<\/Value>/g)].map(([, value = ""]) =>
        value.replaceAll("&quot;", '"'),
      ),
    };
    changed.add(set.name);
    const index = next.findIndex(({ name, type }) => name === set.name && type === set.type);
    if (element(change, "Action") === "DELETE") {
      if (JSON.stringify(next[index]) !== JSON.stringify(set)) {
        return `Tried to delete resource record set [name='${set.name}', type='TXT'] but the values provided do not match the current values`;
      }
      next.splice(index, 1);
    } else if (index < 0) next.push(set);
    else next[index] = set;
  }
  stored.splice(0, stored.length, ...next);
  return changed;
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1] ?? "";
}

function changeXml(id: string, status: string): string {
  return `<ChangeInfo><Id>/change/${id}</Id><Status>${status}</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>`;
}

function errorXml(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
}

/** The code of the error, when the request is not signed by our credentials. */
function signatureFault(request: IncomingMessage, url: URL, body: string): string | undefined {
  const header = request.headers.authorization ?? "";
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/route53\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (match === null) return "MissingAuthenticationToken";
  const [, keyId = "", date = "", region = "", signed = "", signature = ""] = match;
  if (keyId !== ROUTE53_CREDENTIALS.accessKeyId) return "InvalidClientTokenId";
  const names = signed.split(";");
  const canonical = [
    request.method,
    url.pathname,
    [...url.searchParams]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join("&"),
    ...names.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    "",
    signed,
    sha256(body),
  ].join("\n");
  const scope = `${date}/${region}/route53/aws4_request`;
  const text = [
    "AWS4-HMAC-SHA256",
    String(request.headers["x-amz-date"]),
    scope,
    sha256(canonical),
  ];
  const key = [date, region, "route53", "aws4_request"].reduce<Buffer | string>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${ROUTE53_CREDENTIALS.secretAccessKey}`,
  );
  const expected = createHmac("sha256", key).update(text.join("\n")).digest("hex");
  return expected === signature ? undefined : "SignatureDoesNotMatch";
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
