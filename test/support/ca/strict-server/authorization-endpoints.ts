/** authorization, challenge. */
import { requireOwn } from "./account-endpoints";
import type { Identifier } from "./issuer";
import { thumbprint } from "./jws";
import { urlOf, type SignedRequest, type StrictContext } from "./request";
import { json, Refusal, wire, type StrictResponse } from "./response";
import { newId, newToken, type StoredAccount, type StoredAuthorization } from "./state";

/** A new authorization, or one that the account has already. */
export function authorizationFor(
  context: StrictContext,
  account: StoredAccount,
  { type, value }: Identifier,
): StoredAuthorization {
  const wildcard = value.startsWith("*.");
  const name = wildcard ? value.slice(2) : value;
  const reusable = [...context.state.authorizations.values()].find(
    (known) =>
      context.options.authorizationReuse === true &&
      known.account === account &&
      known.status === "valid" &&
      known.wildcard === wildcard &&
      known.identifier.value === name,
  );
  if (reusable !== undefined) return reusable;
  const types = context.options.challengeTypes ?? ["http-01", "dns-01", "tls-alpn-01"];
  const authorization: StoredAuthorization = {
    id: newId(),
    account,
    identifier: { type, value: name },
    wildcard,
    status: context.options.readyAtOnce === true ? "valid" : "pending",
    challenges: types
      .filter((challenge) => !wildcard || challenge.startsWith("dns-"))
      .map((challenge) => ({ id: newId(), type: challenge, token: newToken(), status: "pending" })),
    looksLeft: 0,
  };
  context.state.authorizations.set(authorization.id, authorization);
  return authorization;
}

/** The header of answers that say "not yet". */
export function retryAfter(context: StrictContext, status: string): StrictResponse["headers"] {
  const wanted = status === "processing" || status === "pending";
  const value = context.options.retryAfter;
  return wanted && value !== undefined ? { "retry-after": value } : {};
}

function ownAuthorization(context: StrictContext, request: SignedRequest): StoredAuthorization {
  const authorization = context.state.authorizations.get(request.ids[0] ?? "");
  if (authorization === undefined || authorization.account !== requireOwn(request)) {
    throw new Refusal(404, { type: "malformed", detail: "no such authorization" });
  }
  return authorization;
}

export async function authorization(
  context: StrictContext,
  request: SignedRequest,
): Promise<StrictResponse> {
  const stored = ownAuthorization(context, request);
  const payload = (request.payload ?? {}) as Record<string, unknown>;
  if (payload["status"] === "deactivated") stored.status = "deactivated";
  const tooEarly = stored.validation !== undefined && stored.looksLeft > 0;
  if (tooEarly) stored.looksLeft--;
  else await stored.validation;
  const status = tooEarly ? "pending" : stored.status;
  return json(200, authorizationObject(context, stored, status), retryAfter(context, status));
}

/** RFC 8555 §7.1.4. */
function authorizationObject(
  context: StrictContext,
  stored: StoredAuthorization,
  status: string,
): Record<string, unknown> {
  return {
    status,
    identifier: stored.identifier,
    expires: new Date(Date.now() + 3_600_000).toISOString(),
    ...(stored.wildcard ? { wildcard: true } : {}),
    challenges: stored.challenges.map((challenge) => challengeObject(context, stored, challenge)),
  };
}

function challengeObject(
  context: StrictContext,
  stored: StoredAuthorization,
  challenge: StoredAuthorization["challenges"][number],
): Record<string, unknown> {
  return {
    type: challenge.type,
    url: urlOf(context, "challenge", stored.id, challenge.id),
    status: challenge.status,
    token: challenge.token,
    error: challenge.error && wire(challenge.error),
  };
}

/** RFC 8555 §7.5.1. */
export function challenge(context: StrictContext, request: SignedRequest): StrictResponse {
  const stored = ownAuthorization(context, request);
  const chosen = stored.challenges.find(({ id }) => id === request.ids[1]);
  if (chosen === undefined) throw new Refusal(404, { type: "malformed" });
  const answered = stored.challenges.some(({ status }) => status !== "pending");
  if (stored.status !== "pending" || answered) {
    context.deviations.record(
      "challenge answered twice",
      "challenge",
      "an answer to an authorization that has one",
    );
    throw new Refusal(400, { type: "malformed", detail: "the authorization has an answer" });
  }
  chosen.status = "processing";
  stored.looksLeft = context.options.pendingLooks ?? 0;
  stored.validation = validate(context, stored, chosen);
  return json(200, challengeObject(context, stored, chosen), {
    link: `<${urlOf(context, "authorization", stored.id)}>;rel="up"`,
  });
}

async function validate(
  context: StrictContext,
  stored: StoredAuthorization,
  chosen: StoredAuthorization["challenges"][number],
): Promise<void> {
  const failure = await context.options.validate?.({
    type: chosen.type,
    identifier: stored.identifier,
    wildcard: stored.wildcard,
    token: chosen.token,
    keyAuthorization: `${chosen.token}.${thumbprint(stored.account.jwk)}`,
  });
  chosen.status = failure === undefined ? "valid" : "invalid";
  stored.status = chosen.status;
  if (failure !== undefined) chosen.error = failure;
}
