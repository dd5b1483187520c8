/** Checks every signed request against RFC 8555 §6. */
import type { Complain } from "./deviations";
import { checkPublicJwk, isSignedBy, readJws, thumbprint, type Jws } from "./jws";
import {
  urlOf,
  type EndpointName,
  type SignedRequest,
  type StrictContext,
  type StrictRequest,
} from "./request";
import { Refusal } from "./response";
import type { StoredAccount } from "./state";

/**
 * The request with what was signed.
 *
 * Deviations are recorded; where the RFC has the server refuse, it refuses.
 *
 * @throws {@link Refusal}
 */
export function verifyRequest(context: StrictContext, request: StrictRequest): SignedRequest {
  const complain: Complain = (rule, message) => {
    context.deviations.record(rule, request.endpoint, message);
  };
  if (request.headers["content-type"] !== "application/jose+json") {
    complain(
      "wrong content type",
      `the content type is ${String(request.headers["content-type"])}`,
    );
    throw new Refusal(415, { type: "malformed", detail: "wrong content type" });
  }
  const jws = readJws(parse(request.body), complain);
  if (jws === undefined) throw new Refusal(400, { type: "malformed", detail: "no JWS" });
  request.payload = jws.payload;
  checkHeader(jws, request, complain);
  checkNonce(context, jws, complain);
  const { jwk, account } = signerOf(context, request.endpoint, jws, complain);
  if (!isSignedBy(jws, jwk)) {
    complain("wrong signature", "the signature is wrong");
    throw new Refusal(400, { type: "malformed", detail: "the signature is wrong" });
  }
  if (account?.status === "deactivated") {
    throw new Refusal(401, { type: "unauthorized", detail: "the account is deactivated" });
  }
  checkPayload(request.endpoint, jws, complain);
  return { ...request, payload: jws.payload, jwk, account };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkHeader(jws: Jws, request: StrictRequest, complain: Complain): void {
  const { alg, url, jwk, kid } = jws.header;
  const members = Object.keys(jws.header).sort().join(", ");
  if (members !== "alg, jwk, nonce, url" && members !== "alg, kid, nonce, url") {
    complain("wrong protected header", `the protected header has ${members}`);
  }
  if (jwk !== undefined && kid !== undefined)
    complain("wrong protected header", "both jwk and kid");
  if (!/^(ES256|ES384|ES512|RS256|EdDSA)$/.test(String(alg)))
    complain("wrong signature algorithm", `alg is ${String(alg)}`);
  if (url !== request.url) {
    complain(
      "url of another request",
      `the url in the header is ${String(url)}, the request went to ${request.url}`,
    );
    throw new Refusal(401, {
      type: "unauthorized",
      detail: "the url in the header is another one",
    });
  }
}

function checkNonce(context: StrictContext, jws: Jws, complain: Complain): void {
  const { nonce } = jws.header;
  const state = typeof nonce === "string" ? context.nonces.use(nonce) : "unknown";
  if (state === "fresh") return;
  if (state === "used") complain("nonce unknown or used twice", "a nonce was used twice");
  else if (!context.nonces.forgot)
    complain("nonce unknown or used twice", "the nonce is none of ours");
  throw new Refusal(400, { type: "badNonce", detail: "the nonce is not good" });
}

function signerOf(
  context: StrictContext,
  endpoint: EndpointName,
  jws: Jws,
  complain: Complain,
): { jwk: Readonly<Record<string, unknown>>; account?: StoredAccount } {
  const { jwk, kid } = jws.header;
  const wanted = { newAccount: "jwk", revokeCert: "either" }[endpoint as string] ?? "kid";
  if (jwk !== undefined) {
    if (wanted === "kid")
      complain("wrong choice of jwk or kid", "signed under a jwk instead of the kid");
    const key = checkPublicJwk(jwk, complain);
    if (key === undefined) throw new Refusal(400, { type: "badPublicKey" });
    return { jwk: key };
  }
  if (wanted === "jwk")
    complain("wrong choice of jwk or kid", "signed under a kid instead of the jwk");
  const account = [...context.state.accounts.values()].find(
    ({ id }) => urlOf(context, "account", id) === kid,
  );
  if (account === undefined) {
    throw new Refusal(400, { type: "accountDoesNotExist", detail: "no such account" });
  }
  return { jwk: account.jwk, account };
}

/** What may be sent where: the members of the object, or nothing at all (POST-as-GET). */
const PAYLOADS: Readonly<
  Record<
    Exclude<EndpointName, "directory" | "newNonce" | "renewalInfo">,
    readonly (string[] | "nothing")[]
  >
> = {
  newAccount: [["contact", "externalAccountBinding", "onlyReturnExisting", "termsOfServiceAgreed"]],
  account: ["nothing", ["contact", "status"]],
  newOrder: [["identifiers", "notAfter", "notBefore", "profile", "replaces"]],
  order: ["nothing"],
  authorization: ["nothing", ["status"]],
  challenge: [[]],
  finalize: [["csr"]],
  certificate: ["nothing"],
  keyChange: [["payload", "protected", "signature"]],
  revokeCert: [["certificate", "reason"]],
};

function checkPayload(endpoint: EndpointName, jws: Jws, complain: Complain): void {
  const allowed = PAYLOADS[endpoint as keyof typeof PAYLOADS];
  if (jws.payload === undefined) {
    if (allowed.includes("nothing")) return;
    // A look at a challenge makes some CAs validate it.
    complain(
      endpoint === "challenge" ? "challenge fetched" : "wrong method or payload",
      "POST-as-GET",
    );
    throw new Refusal(400, { type: "malformed", detail: "an empty payload" });
  }
  if (typeof jws.payload !== "object" || jws.payload === null || Array.isArray(jws.payload)) {
    complain("wrong method or payload", "the payload is no JSON object");
    throw new Refusal(400, { type: "malformed", detail: "the payload is no JSON object" });
  }
  const members = allowed.find((item) => item !== "nothing");
  if (members === undefined) {
    complain("wrong method or payload", "a payload where POST-as-GET is due");
    return;
  }
  for (const [name, value] of Object.entries(jws.payload)) {
    if (!members.includes(name))
      complain(
        endpoint === "challenge" ? "challenge response not {}" : "wrong members in the payload",
        `the member ${name}`,
      );
    if (value === null) complain("wrong members in the payload", `the member ${name} is null`);
  }
}

/** Whether both are the same key. */
export function sameKey(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): boolean {
  return thumbprint(a) === thumbprint(b);
}
