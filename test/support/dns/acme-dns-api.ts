/**
 * A stand-in for acme-dns: its update call, with the two values that it keeps.
 *
 * @see https://github.com/joohoi/acme-dns#update-endpoint
 */
import { startWebService, type WebService } from "./httpreq";

export interface AcmeDnsService extends WebService {
  /** The newest last. */
  readonly values: string[];
}

export const ACME_DNS_ACCOUNT = {
  username: "eabcdb41-d89f-4580-826f-3e62e9755ef2",
  password: "pbAXVjlIOE01xbut7YnAbkhMQIkcwoHO0ek2j4Q0",
  subdomain: "d420c923-bbd7-4056-ab64-c3ca54c9b3cf",
};

export async function startAcmeDns(): Promise<AcmeDnsService> {
  const values: string[] = [];
  const service = await startWebService((request, url, body) => {
    if (request.method !== "POST" || url.pathname !== "/update") {
      return { status: 404, body: undefined };
    }
    const { subdomain, txt } = body as { subdomain?: string; txt?: string };
    const { headers } = request;
    const known =
      headers["x-api-user"] === ACME_DNS_ACCOUNT.username &&
      headers["x-api-key"] === ACME_DNS_ACCOUNT.password &&
      subdomain === ACME_DNS_ACCOUNT.subdomain;
    if (!known) return { status: 401, body: { error: "forbidden" } };
    if (txt?.length !== 43) return { status: 400, body: { error: "bad_txt" } };
    values.push(txt);
    values.splice(0, values.length - 2);
    return { status: 200, body: { txt } };
  });
  return Object.assign(service, { values });
}
