/** newAccount, account, keyChange. */
import type { Complain } from "./deviations";
import { checkPublicJwk, isMacedBy, isSignedBy, readJws, type Jws } from "./jws";
import { urlOf, type SignedRequest, type StrictContext } from "./request";
import { json, Refusal, type StrictResponse } from "./response";
import { newId, type StoredAccount } from "./state";
import { sameKey } from "./verify";

/** RFC 8555 §7.3. */
export function newAccount(context: StrictContext, request: SignedRequest): StrictResponse {
  const payload = request.payload as Record<string, unknown>;
  const { state, options } = context;
  const existing = [...state.accounts.values()].find(({ jwk }) => sameKey(jwk, request.jwk));
  const onlyExisting = payload["onlyReturnExisting"] === true;
  if (onlyExisting && payload["externalAccountBinding"] !== undefined) {
    context.deviations.record(
      "external account binding in a look-up",
      "newAccount",
      "an external account binding in a look-up",
    );
  }
  if (existing?.status === "deactivated") {
    throw new Refusal(401, { type: "unauthorized", detail: "the account is deactivated" });
  }
  if (existing !== undefined) return accountResponse(context, 200, existing);
  if (onlyExisting) throw new Refusal(400, { type: "accountDoesNotExist", detail: "no such key" });
  if (options.termsOfService !== null && payload["termsOfServiceAgreed"] !== true) {
    throw new Refusal(403, { type: "userActionRequired", detail: "agree to the terms" });
  }
  const externalAccount = boundAccount(context, request, payload["externalAccountBinding"]);
  const account: StoredAccount = {
    id: newId(),
    jwk: { ...request.jwk },
    status: "valid",
    contact: (payload["contact"] as string[] | undefined) ?? [],
    externalAccount,
  };
  state.accounts.set(account.id, account);
  return accountResponse(context, 201, account);
}

/** RFC 8555 §7.3.4. */
function boundAccount(
  context: StrictContext,
  request: SignedRequest,
  binding: unknown,
): string | undefined {
  const keys = context.options.externalAccounts;
  if (keys === undefined) return undefined;
  if (binding === undefined) {
    context.deviations.record(
      "no external account binding",
      "newAccount",
      "no external account binding was sent",
    );
    throw new Refusal(403, { type: "externalAccountRequired", detail: "bind an account" });
  }
  const complain: Complain = (rule, message) => {
    context.deviations.record(rule, "newAccount", `external account binding: ${message}`);
  };
  const jws = readJws(binding, complain);
  if (jws === undefined) throw new Refusal(400, { type: "malformed" });
  if (Object.keys(jws.header).sort().join(", ") !== "alg, kid, url") {
    complain(
      "wrong external account binding",
      `the header has ${Object.keys(jws.header).join(", ")}`,
    );
  }
  if (jws.header["url"] !== request.url)
    complain("wrong external account binding", "its url is not the request's");
  if (!sameKey(jws.payload as Record<string, unknown>, request.jwk)) {
    complain("wrong external account binding", "its payload is not the account's key");
  }
  checkPublicJwk(jws.payload, complain);
  const keyId = String(jws.header["kid"]);
  const key = keys[keyId];
  if (key === undefined || !isMacedBy(jws, key)) {
    throw new Refusal(403, { type: "unauthorized", detail: "unknown key id or wrong MAC" });
  }
  if (context.state.usedExternalAccounts.has(keyId)) {
    throw new Refusal(403, { type: "unauthorized", detail: "the key id was used already" });
  }
  context.state.usedExternalAccounts.add(keyId);
  return keyId;
}

/** RFC 8555 §7.3.2 and §7.3.6. */
export function account(context: StrictContext, request: SignedRequest): StrictResponse {
  const stored = requireOwn(request);
  if (request.ids[0] !== stored.id) throw new Refusal(401, { type: "unauthorized" });
  const payload = (request.payload ?? {}) as Record<string, unknown>;
  if (Array.isArray(payload["contact"])) stored.contact = payload["contact"] as string[];
  if (payload["status"] === "deactivated") stored.status = "deactivated";
  return accountResponse(context, 200, stored);
}

function accountResponse(
  context: StrictContext,
  status: number,
  stored: StoredAccount,
): StrictResponse {
  return json(
    status,
    { status: stored.status, contact: stored.contact, termsOfServiceAgreed: true, orders: null },
    { location: urlOf(context, "account", stored.id) },
  );
}

/** RFC 8555 §7.3.5. */
export function keyChange(context: StrictContext, request: SignedRequest): StrictResponse {
  const stored = requireOwn(request);
  const complain: Complain = (rule, message) => {
    context.deviations.record(rule, "keyChange", `inner JWS: ${message}`);
  };
  const jws = readJws(request.payload, complain);
  if (jws === undefined) throw new Refusal(400, { type: "malformed" });
  const newKey = checkInner(context, request, stored, jws, complain);
  const owner = [...context.state.accounts.values()].find(({ jwk }) => sameKey(jwk, newKey));
  if (owner !== undefined) {
    throw new Refusal(
      409,
      { type: "malformed", detail: "the new key is in use" },
      { location: urlOf(context, "account", owner.id) },
    );
  }
  stored.jwk = { ...newKey };
  return accountResponse(context, 200, stored);
}

function checkInner(
  context: StrictContext,
  request: SignedRequest,
  stored: StoredAccount,
  jws: Jws,
  complain: Complain,
): Record<string, unknown> {
  if (Object.keys(jws.header).sort().join(", ") !== "alg, jwk, url") {
    complain(
      "wrong inner JWS of a key change",
      `the header has ${Object.keys(jws.header).join(", ")}`,
    );
  }
  if (jws.header["url"] !== request.url)
    complain("wrong inner JWS of a key change", "its url is not the request's");
  const newKey = checkPublicJwk(jws.header["jwk"], complain);
  if (newKey === undefined || !isSignedBy(jws, newKey)) {
    complain("wrong inner JWS of a key change", "it is not signed by the new key");
    throw new Refusal(400, { type: "malformed" });
  }
  const payload = (jws.payload ?? {}) as Record<string, unknown>;
  if (Object.keys(payload).sort().join(", ") !== "account, oldKey") {
    complain(
      "wrong inner JWS of a key change",
      `its payload has ${Object.keys(payload).join(", ")}`,
    );
  }
  if (payload["account"] !== urlOf(context, "account", stored.id)) {
    complain("wrong inner JWS of a key change", "it names another account");
  }
  const oldKey = checkPublicJwk(payload["oldKey"], complain);
  if (oldKey === undefined || !sameKey(oldKey, stored.jwk))
    complain("wrong inner JWS of a key change", "oldKey is another key");
  return newKey;
}

/** The account in whose name a request is made. */
export function requireOwn(request: SignedRequest): StoredAccount {
  if (request.account === undefined) throw new Refusal(401, { type: "unauthorized" });
  return request.account;
}
