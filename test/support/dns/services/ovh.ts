/**
 * OVHcloud's zones: signed calls, ids of records, refusals with codes.
 *
 * @see https://eu.api.ovh.com/console/?section=%2Fdomain
 * @see https://github.com/ovh/python-ovh/blob/master/ovh/client.py (errors by their codes)
 */
import type { IncomingMessage } from "node:http";

import { signatureOf } from "../../../../sdk/challenges/dns-01/providers/ovh/signature";
import { type Dialect, fullName, json, type Reply, WHOLE } from "./stand-in";

const APPLICATION = { applicationKey: "app-key-0123", applicationSecret: "app-secret-4567" };
/** By how many seconds its clock is ahead: who signs with another one is refused. */
const AHEAD = 3600;

function failure(status: number, errorCode: string | undefined, message: string): Reply {
  return json(status, { class: "Client::Forbidden", errorCode, message });
}

const notFound = json(404, { class: "Client::NotFound", message: "This service does not exist" });

function serverTime(): number {
  return Math.floor(Date.now() / 1000) + AHEAD;
}

/** The consumer key of a request whose signature is right. */
function signer(request: IncomingMessage, body: unknown): string | undefined {
  const header = (name: string): string => request.headers[`x-ovh-${name}`]?.toString() ?? "";
  const [consumerKey, timestamp] = [header("consumer"), header("timestamp")];
  const url = `http://${request.headers.host ?? ""}${request.url ?? ""}`;
  const text =
    ["POST", "PUT"].includes(request.method ?? "") && hasBody(request) ? JSON.stringify(body) : "";
  const { applicationSecret } = APPLICATION;
  const signed = [request.method ?? "", url, text, timestamp];
  const isRight = header("signature") === signatureOf({ applicationSecret, consumerKey }, signed);
  return isRight && Math.abs(Number(timestamp) - serverTime()) < 30 ? consumerKey : undefined;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-type"] !== undefined;
}

export const ovh: Dialect<"ovh"> = {
  name: "ovh",
  argumentsFor: (url, consumerKey) => ({
    endpoint: "ovh-eu",
    ...APPLICATION,
    consumerKey,
    apiUrl: `${url}/1.0/`,
  }),
  secretOf: (request, body) =>
    request.url?.endsWith("/auth/time") === true ? WHOLE : signer(request, body),
  unauthenticated: failure(403, "INVALID_CREDENTIAL", "This credential is not valid"),
  forbidden: failure(403, undefined, "This call has not been granted"),
  limited: json(429, { message: "Too many requests" }, { "Retry-After": "0" }),
  remedies: {
    unauthenticated:
      "This credential is not valid; consumerKey must be one that was validated and has not expired",
    forbidden:
      "This call has not been granted; the consumer key needs GET, POST and DELETE on /domain/zone/*",
  },
  minTtl: 60,
  // One more than others: the zone is published.
  callsPerRemoval: 4,
  answer: ({ method, path, query, body, zones, mayEdit, add, remove }) => {
    if (path === "/1.0/auth/time") return json(200, serverTime());
    const [, name, verb, id] =
      /^\/1\.0\/domain\/zone\/([^/]+)(?:\/(record|refresh)(?:\/(\d+))?)?$/.exec(path) ?? [];
    const zone = zones.find((each) => each.name === name);
    if (zone === undefined) return notFound;
    if (verb === undefined) return json(200, { name: zone.name, dnssecSupported: true });
    const found = zone.records.filter((record) => id === undefined || String(record.id) === id);
    if (method === "GET") {
      if (id === undefined) {
        const full = fullName(query.get("subDomain") ?? "", zone);
        return json(
          200,
          found
            .filter((record) => record.name === full && record.type === query.get("fieldType"))
            .map((record) => record.id),
        );
      }
      const [record] = found;
      if (record === undefined) return notFound;
      return json(200, {
        id: record.id,
        fieldType: record.type,
        target: record.content,
        ttl: record.ttl,
      });
    }
    if (!mayEdit) return ovh.forbidden;
    if (verb === "refresh") return json(200, null);
    if (method === "DELETE") {
      const gone = remove(zone, (record) => String(record.id) === id);
      return gone.length === 0 ? notFound : json(200, null);
    }
    const made = add(zone, {
      name: fullName(String(body["subDomain"]), zone),
      type: String(body["fieldType"]),
      content: String(body["target"]),
      ttl: Number(body["ttl"]),
    });
    return json(200, { id: made.id });
  },
};
