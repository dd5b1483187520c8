/** TXT records in INWX' DNS, by its JSON-RPC. @see https://www.inwx.com/en/help/apidoc */
import { unlessMissing } from "../../../../http/rest-service";
import { delay } from "../../../../util/abort";
import { objects } from "../../../../util/json";
import type { DnsProvider } from "../../provider";
import { overRest } from "../../services/over-rest";
import { recordProvider } from "../../services/record-service";
import { unquoted } from "../../services/txt";
import type { InwxArguments } from "./arguments";
import { logIn, refusalIn, type Rpc, UNAUTHENTICATED } from "./session";

const API_URL = "https://api.domrobot.com/jsonrpc/";
/** "Object does not exist". */
const MISSING = "2303";

/** Adds and removes records one by one. @param wait - the clock of tests */
export function createProvider(options: InwxArguments, wait = delay): DnsProvider {
  const { username, password, sharedSecret = "", zone, apiUrl = API_URL } = options;
  const account = [apiUrl, username, password];
  const overHttp = overRest({
    service: "INWX",
    apiUrl,
    credentials: [password, sharedSecret],
    refusalIn,
    remedies: {
      [UNAUTHENTICATED]:
        "check username and password; for an account with a second factor, sharedSecret and this machine's clock",
      "2201": "the user needs the right to change the domain's DNS",
    },
  });
  return recordProvider<Rpc>({
    ...overHttp,
    account,
    connect: (context, work) =>
      overHttp.connect(context, async (rest) =>
        work(await logIn(rest, { ...options, account }, context.signal, wait)),
      ),
    zone,
    advice: "the domain must be in this account, with INWX' name servers",
    minTtl: 300,
    refusesDuplicates: true,
    zonesNamed: async (rpc, domain) => {
      const found = await unlessMissing(rpc("nameserver.list", { domain }), [MISSING]);
      const isThere = objects(found ?? {}, "domains").some((each) => each["domain"] === domain);
      return isThere ? [{ id: domain, name: domain }] : [];
    },
    list: async (rpc, { id: domain }, name) => {
      const found = await rpc("nameserver.info", { domain, name, type: "TXT" });
      return objects(found, "record").map(({ id, content }) => ({
        id: id as number | string,
        value: unquoted(String(content)),
      }));
    },
    create: (rpc, { id: domain }, { name, value, ttl }) =>
      rpc("nameserver.createRecord", { domain, name, type: "TXT", content: value, ttl }),
    delete: (rpc, _zone, id) => rpc("nameserver.deleteRecord", { id }),
  });
}
