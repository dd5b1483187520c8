/** TXT records in Google's Cloud DNS, by its REST API. @see https://cloud.google.com/dns/docs/reference/rest/v1 */
import { pathOf, type Rest, withRest } from "../../../../http/rest-service";
import { asObject, objects, strings } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { type RecordSet, recordSetProvider } from "../../services/record-set-service";
import type { GoogleCloudArguments } from "./arguments";
import { logIn } from "./login";

const API_URL = "https://dns.googleapis.com";
const ROLE =
  "the service account needs the role DNS Administrator (roles/dns.admin) in the project";

interface Connection {
  readonly rest: Rest;
  /** Path of the project's zones. */
  readonly zones: string;
  /** What was read, by names: a set is replaced only as it was read. */
  readonly sets: Map<string, unknown>;
}

/** Changes record sets, many in one call, of which all are done or none. */
export function createProvider(options: GoogleCloudArguments): DnsProvider {
  const { managedZone, zone, apiUrl = API_URL, credentials = "", project = "" } = options;
  const account = [apiUrl, credentials, project, managedZone];
  return recordSetProvider<Connection>({
    service: "Google Cloud DNS",
    account,
    zone,
    advice: `${ROLE}; give project for a zone of another one, and managedZone where there are several`,
    namesAtOnce: 50,
    connect: async (context, work) => {
      const { token, project: used } = await logIn(options, context);
      const rest = {
        service: "Google Cloud DNS",
        apiUrl,
        credentials: [token],
        account,
        headers: { Authorization: `Bearer ${token}` },
        remedies: { 403: ROLE, 404: "check project" },
      };
      const zones = `/dns/v1${pathOf("projects", used, "managedZones")}`;
      return await withRest(rest, context, (calls) =>
        work({ rest: calls, zones, sets: new Map() }),
      );
    },
    zonesNamed: async ({ rest, zones }, domain) => {
      const query = new URLSearchParams({ dnsName: `${domain}.` });
      const { json } = await rest("GET", `${zones}?${query.toString()}`);
      return (
        objects(asObject(json) ?? {}, "managedZones")
          .filter((each) => each["dnsName"] === `${domain}.`)
          // A CA does not see what a private zone says, though it may have the same name.
          .filter((each) => each["visibility"] !== "private")
          .filter((each) => managedZone === undefined || each["name"] === managedZone)
          .map((each) => ({ id: String(each["name"]), name: domain }))
      );
    },
    read: async ({ rest, zones, sets }, { id }, name) => {
      const query = new URLSearchParams({ name: `${name}.`, type: "TXT" });
      const { json } = await rest("GET", `${zones}${pathOf(id, "rrsets")}?${query.toString()}`);
      const found = objects(asObject(json) ?? {}, "rrsets");
      const set = found.find((each) => each["name"] === `${name}.` && each["type"] === "TXT");
      sets.set(name, set);
      if (set === undefined) return undefined;
      const contents = strings(set, "rrdatas");
      return { name, contents, ttl: Number(set["ttl"]) };
    },
    write: ({ rest, zones, sets: former }, { id }, sets) =>
      rest("POST", `${zones}${pathOf(id, "changes")}`, {
        additions: sets.filter(({ contents }) => contents.length > 0).map(toRrset),
        deletions: sets.flatMap(({ name }) => former.get(name) ?? []),
      }),
    // "alreadyExists", "conditionNotMet": others have changed a set since it was read.
    isOvertaken: ({ status }) => status === 409 || status === 412,
  });
}

function toRrset({ name, contents, ttl }: RecordSet): unknown {
  return { kind: "dns#resourceRecordSet", name: `${name}.`, type: "TXT", ttl, rrdatas: contents };
}
