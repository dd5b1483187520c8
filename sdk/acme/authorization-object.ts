/** Authorization and challenge objects. Pure. */
import { singleLine } from "../util/text";
import { AcmeProtocolError } from "./errors";
import { toIdentifier, type AcmeIdentifier } from "./identifiers";
import { isValidToken } from "../util/challenge";
import { asObject, objects, optionalString, strings } from "../util/json";
import { withoutWildcard } from "../util/names";
import { describeProblem, toProblem, type Problem } from "./problems";
import { handedOutUrl } from "./urls";

export type AuthorizationStatus =
  "pending" | "valid" | "invalid" | "deactivated" | "expired" | "revoked";

export type ChallengeStatus = "pending" | "processing" | "valid" | "invalid";

/** @see RFC 8555 §7.1.5, Challenge Objects; §8 */
export interface Challenge {
  /** `http-01`, `dns-01` …; also types that this package does not know. */
  readonly type: string;
  readonly url: string;
  /** Of the authorization that it belongs to. Challenges are never fetched: some CAs take that for a response. */
  readonly authorizationUrl: string;
  readonly status: ChallengeStatus;
  /** Of a pending authorization, and one of the types with a token: checked, base64url of 22 to 255 characters. */
  readonly token?: string;
  /** What went wrong; the CA may still be trying while the status is `processing`. */
  readonly error?: Problem;
  /** For dns-persist-01: the CA's names for the record. */
  readonly issuerDomainNames?: string[];
  /** For dns-persist-01, draft -01. */
  readonly accountUri?: string;
}

/** @see RFC 8555 §7.1.4, Authorization Objects */
export interface Authorization {
  readonly url: string;
  /** In lower case; for a wildcard the name without `*.`. */
  readonly identifier: AcmeIdentifier;
  readonly wildcard: boolean;
  readonly status: AuthorizationStatus;
  /** RFC 3339, as the CA wrote it. */
  readonly expires?: string;
  readonly challenges: Challenge[];
}

const STATUSES: readonly string[] = [
  "pending",
  "valid",
  "invalid",
  "deactivated",
  "expired",
  "revoked",
];
const CHALLENGE_STATUSES: readonly string[] = ["pending", "processing", "valid", "invalid"];
const TOKEN_TYPES: readonly string[] = ["http-01", "dns-01", "tls-alpn-01", "dns-account-01"];

/** @throws {@link AcmeProtocolError} for an unknown status, no identifier, a bad token, or a URL that is not https */
export function parseAuthorization(
  url: string,
  responseUrl: string,
  object: Record<string, unknown>,
): Authorization {
  const what = `authorization ${url}`;
  const status = optionalString(object, "status") ?? "";
  if (!STATUSES.includes(status)) {
    throw new AcmeProtocolError(`acme: ${what}: unknown status "${singleLine(status, 50)}"`, url);
  }
  const identifier = toIdentifier(asObject(object["identifier"]) ?? {});
  if (identifier === undefined) {
    throw new AcmeProtocolError(`acme: ${what}: it has no identifier`, url);
  }
  const { type } = identifier;
  const value = identifier.value.toLowerCase();
  const base = withoutWildcard(value);
  const challenges = objects(object, "challenges").flatMap((challenge) =>
    parseChallenge(what, url, responseUrl, challenge),
  );
  if (status === "pending") challenges.forEach(requireToken);
  return {
    url,
    identifier: { type, value: base },
    // Some CAs leave the star in the name.
    wildcard: object["wildcard"] === true || base !== value,
    status: status as AuthorizationStatus,
    expires: optionalString(object, "expires"),
    challenges,
  };
}

/** A token becomes part of paths, records and command lines: a wrong one is refused here. */
function requireToken({ type, token, authorizationUrl }: Challenge): void {
  if (!TOKEN_TYPES.includes(type) || (token !== undefined && isValidToken(token))) return;
  const fault =
    token === undefined
      ? `its ${type} challenge has no token`
      : `the token of its ${type} challenge is not base64url of 22 to 255 characters`;
  throw new AcmeProtocolError(
    `acme: authorization ${authorizationUrl}: ${fault} (RFC 8555 §8)`,
    authorizationUrl,
  );
}

/** RFC 8555 §8 lets CAs add challenge types; an object without a type or a URL is left out. */
function parseChallenge(
  what: string,
  authorizationUrl: string,
  responseUrl: string,
  object: Record<string, unknown>,
): Challenge[] {
  const type = optionalString(object, "type");
  const url = optionalString(object, "url");
  if (type === undefined || url === undefined) return [];
  const status = optionalString(object, "status") ?? "pending";
  const issuers = [
    ...strings(object, "issuer-domain-names"),
    ...strings(object, "issuerDomainNames"),
  ];
  return [
    {
      type: singleLine(type, 100),
      url: handedOutUrl(what, url, responseUrl),
      authorizationUrl,
      status: (CHALLENGE_STATUSES.includes(status) ? status : "pending") as ChallengeStatus,
      token: optionalString(object, "token"),
      error: toProblem(object["error"]),
      issuerDomainNames: issuers.length === 0 ? undefined : issuers,
      accountUri: optionalString(object, "accounturi"),
    },
  ];
}

/** `"authorization for a.example is pending (http-01 processing: connection: …)"`. */
export function describeAuthorization(authorization: Authorization): string {
  const errors = authorization.challenges.flatMap((challenge) =>
    challenge.error === undefined
      ? []
      : [`${challenge.type} ${challenge.status}: ${describeProblem(challenge.error)}`],
  );
  const details = errors.length === 0 ? "" : ` (${errors.join("; ")})`;
  const { value } = wantedIdentifier(authorization);
  return `authorization for ${singleLine(value, 260)} is ${authorization.status}${details}`;
}

/** What was ordered: with the `*.` of a wildcard, which its authorization leaves out (RFC 8555 §7.1.4). */
export function wantedIdentifier({
  identifier,
  wildcard,
}: Pick<Authorization, "identifier" | "wildcard">): AcmeIdentifier {
  return wildcard ? { type: identifier.type, value: `*.${identifier.value}` } : identifier;
}
