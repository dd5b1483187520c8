/**
 * INWX' JSON-RPC: a session by a cookie, codes in answers of the status 200.
 *
 * @see https://www.inwx.com/en/help/apidoc
 * @see https://github.com/nrdcg/goinwx (what is answered)
 */
import { type Dialect, json, type Reply } from "./stand-in";

function answer(code: number, msg: string, resData?: object): Reply {
  return json(200, { code, msg, resData, svTRID: "20261127-1", runtime: 0.01 });
}

const done = (resData?: object): Reply => answer(1000, "Command completed successfully", resData);
const missing = answer(2303, "Object does not exist");

export const inwx: Dialect<"inwx"> = {
  name: "inwx",
  argumentsFor: (url, password) => ({ apiUrl: `${url}/jsonrpc/`, username: "me", password }),
  secretOf: ({ headers }, { method, params }) =>
    method === "account.login"
      ? (params as { pass: string }).pass
      : /domrobot=([^;]+)/.exec(headers.cookie ?? "")?.[1],
  unauthenticated: answer(2200, "Authentication error"),
  forbidden: answer(2201, "Authorization error"),
  limited: json(429, undefined, { "Retry-After": "0" }),
  remedies: {
    unauthenticated: "Authentication error (2200); check username and password",
    forbidden: "Authorization error (2201); the user needs the right to change the domain's DNS",
  },
  minTtl: 300,
  answer: ({ body: { method, params }, zones, mayEdit, add, remove }) => {
    const given = params as Record<string, string> & { readonly id: number; readonly ttl: number };
    if (method === "account.login") {
      const cookie = `domrobot=${given["pass"] ?? ""}; path=/; secure; HttpOnly`;
      return { ...done({ customerId: 1, tfa: "0" }), headers: { "Set-Cookie": cookie } };
    }
    const zone = zones.find(({ name }) => name === given["domain"]);
    if (method === "nameserver.deleteRecord") {
      if (!mayEdit) return inwx.forbidden;
      const gone = zones.flatMap((each) => remove(each, ({ id }) => id === given.id));
      return gone.length === 0 ? missing : done();
    }
    if (method === "nameserver.list") {
      const domains =
        zone === undefined ? [] : [{ roId: zone.id, domain: zone.name, type: "MASTER" }];
      return done({ count: domains.length, domains });
    }
    if (zone === undefined) return missing;
    const same = zone.records.filter(
      ({ name, type }) => name === given["name"] && type === given["type"],
    );
    if (method === "nameserver.info") {
      return done({ roId: zone.id, domain: zone.name, count: same.length, record: same });
    }
    if (!mayEdit) return inwx.forbidden;
    const { name = "", type = "", content = "", ttl } = given;
    if (same.some((record) => record.content === content)) return answer(2302, "Object exists");
    return done({ id: add(zone, { name, type, content, ttl }).id });
  },
};
