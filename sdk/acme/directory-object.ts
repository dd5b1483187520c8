/** What a CA's directory says. Pure. */
import { asObject, optionalString, parseJson, strings } from "../util/json";
import { singleLine } from "../util/text";
import type { Answer } from "./answer";
import { AcmeProtocolError } from "./errors";
import { handedOutUrl } from "./urls";

/** @see RFC 8555 §7.1.1, Directory */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert?: string;
  readonly keyChange?: string;
  /** @see RFC 9773 §4.1 */
  readonly renewalInfo?: string;
  readonly meta: DirectoryMeta;
}

export interface DirectoryMeta {
  /** Of any scheme. */
  readonly termsOfService?: string;
  readonly website?: string;
  /** The names by which a CAA record means this CA. */
  readonly caaIdentities: string[];
  readonly externalAccountRequired: boolean;
  /** Name → description, or a URL that describes. */
  readonly profiles: Record<string, string>;
  /** For dns-persist-01, draft -02. */
  readonly issuerDomainNames: string[];
  readonly accountHashPrefix?: string;
}

const ENDPOINTS = [
  "newNonce",
  "newAccount",
  "newOrder",
  "revokeCert",
  "keyChange",
  "renewalInfo",
] as const;

/** An endpoint that signed requests go to. */
export type Endpoint = "newAccount" | "newOrder" | "revokeCert" | "keyChange";

/**
 * Reads a directory. Unknown members, and known ones of a wrong type, count as absent: RFC 8555 §7.1.1 lets CAs add
 * their own, and Let's Encrypt adds a random one on purpose.
 *
 * @param url - as configured
 * @throws {@link AcmeProtocolError}
 */
export function parseDirectory(
  url: string,
  answer: Pick<Answer, "url" | "text" | "headers">,
): Directory {
  const object = asObject(parseJson(answer.text));
  if (object === undefined) {
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "something";
    throw notADirectory(url, `it answered ${singleLine(type, 60)}, not a JSON object`);
  }
  const endpoint = (member: string): string | undefined => {
    const value = optionalString(object, member);
    return value === undefined ? undefined : handedOutUrl(`directory ${url}`, value, answer.url);
  };
  const required = (member: string): string => {
    const value = endpoint(member);
    if (value !== undefined) return value;
    const old = "new-reg" in object ? " (it speaks the version of ACME before RFC 8555)" : "";
    throw notADirectory(url, `it has no ${member}${old}`);
  };
  return {
    newNonce: required("newNonce"),
    newAccount: required("newAccount"),
    newOrder: required("newOrder"),
    revokeCert: endpoint("revokeCert"),
    keyChange: endpoint("keyChange"),
    renewalInfo: endpoint("renewalInfo"),
    meta: parseMeta(asObject(object["meta"]) ?? {}),
  };
}

function parseMeta(meta: Record<string, unknown>): DirectoryMeta {
  const profiles = Object.entries(asObject(meta["profiles"]) ?? {});
  return {
    termsOfService: optionalString(meta, "termsOfService"),
    website: optionalString(meta, "website"),
    caaIdentities: strings(meta, "caaIdentities"),
    externalAccountRequired: meta["externalAccountRequired"] === true,
    profiles: Object.fromEntries(
      profiles.map(([name, text]) => [name, typeof text === "string" ? text : ""]),
    ),
    issuerDomainNames: strings(meta, "issuerDomainNames"),
    accountHashPrefix: optionalString(meta, "accountHashPrefix"),
  };
}

/**
 * Refuses a URL of an order, an authorization, a challenge … that is one of the directory's endpoints: a request meant
 * for the one would be taken for the other.
 */
export function refuseEndpoint(directory: Directory, what: string, url: string): void {
  const target = requestTarget(url);
  const found = ENDPOINTS.find((name) => {
    const endpoint = directory[name];
    return endpoint !== undefined && requestTarget(endpoint) === target;
  });
  if (found === undefined) return;
  throw new AcmeProtocolError(
    `acme: ${what}: the CA handed out the URL of its ${found}: ${singleLine(url, 200)}`,
    url,
  );
}

/** What a request for the URL asks for: a fragment is never sent. */
function requestTarget(url: string): string {
  const parsed = new URL(url);
  parsed.hash = "";
  return parsed.href;
}

export function notADirectory(url: string, reason: string): AcmeProtocolError {
  return new AcmeProtocolError(
    `acme: ${url} is not an ACME directory: ${reason}; check the directory URL`,
    url,
  );
}
