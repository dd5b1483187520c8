/**
 * A stand-in for acme-dns: its registrations and updates, with the two values of a subdomain that it keeps.
 *
 * @see https://github.com/joohoi/acme-dns#api
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { type Reply, startWebService, type WebService } from "./httpreq";

export interface AcmeDnsService extends WebService {
  /** Of all subdomains, the newest last. */
  readonly values: string[];
}

/** One registration is there from the beginning. */
export const ACME_DNS_ACCOUNT = {
  username: "eabcdb41-d89f-4580-826f-3e62e9755ef2",
  password: "pbAXVjlIOE01xbut7YnAbkhMQIkcwoHO0ek2j4Q0",
  subdomain: "d420c923-bbd7-4056-ab64-c3ca54c9b3cf",
};

export const ACME_DNS_DOMAIN = "auth.example.org";

type Account = typeof ACME_DNS_ACCOUNT;

export interface AcmeDnsOptions {
  /** Told of the values of a name whenever they change: whoever serves them. */
  readonly publish?: (name: string, values: readonly string[]) => Promise<void>;
  /** Networks of `allowfrom` that it leaves out without a word, as older versions do with what they cannot read. */
  readonly drops?: readonly string[];
}

export async function startAcmeDns(options: AcmeDnsOptions = {}): Promise<AcmeDnsService> {
  const accounts: Account[] = [ACME_DNS_ACCOUNT];
  const values: (readonly [subdomain: string, txt: string])[] = [];

  const register = (body: unknown): Reply => {
    const { allowfrom = [] } = (body ?? {}) as { allowfrom?: string[] };
    const account: Account = {
      username: randomUUID(),
      password: randomBytes(30).toString("base64url"),
      subdomain: randomUUID(),
    };
    accounts.push(account);
    const answer = {
      ...account,
      fulldomain: `${account.subdomain}.${ACME_DNS_DOMAIN}`,
      allowfrom: allowfrom.filter((network) => !options.drops?.includes(network)),
    };
    return { status: 201, body: answer };
  };

  const update = async ({ headers }: IncomingMessage, body: unknown): Promise<Reply> => {
    const { subdomain = "", txt = "" } = body as { subdomain?: string; txt?: string };
    const known = accounts.some(
      (account) =>
        headers["x-api-user"] === account.username &&
        headers["x-api-key"] === account.password &&
        subdomain === account.subdomain,
    );
    if (!known) return { status: 401, body: { error: "forbidden" } };
    if (txt.length !== 43) return { status: 400, body: { error: "bad_txt" } };
    const former = values.filter(([of]) => of === subdomain);
    if (former.length === 2 && former[0] !== undefined) values.splice(values.indexOf(former[0]), 1);
    values.push([subdomain, txt]);
    const own = values.filter(([of]) => of === subdomain).map(([, value]) => value);
    await options.publish?.(`${subdomain}.${ACME_DNS_DOMAIN}`, own);
    return { status: 200, body: { txt } };
  };

  const service = await startWebService((request, url, body) => {
    const call = `${request.method ?? ""} ${url.pathname}`;
    if (call === "POST /register") return register(body);
    if (call === "POST /update") return update(request, body);
    return { status: 404, body: undefined };
  });
  return Object.defineProperty(service as AcmeDnsService, "values", {
    get: () => values.map(([, value]) => value),
  });
}
