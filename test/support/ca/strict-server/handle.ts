/** One request: checked, passed to its endpoint, answered. */
import type { Complain } from "./deviations";
import { account, keyChange, newAccount } from "./account-endpoints";
import { certificate, renewalInfo, revokeCert } from "./certificate-endpoints";
import { authorization, challenge } from "./authorization-endpoints";
import { finalize, newOrder, order } from "./order-endpoints";
import {
  urlOf,
  type EndpointName,
  type SignedRequest,
  type StrictContext,
  type StrictRequest,
} from "./request";
import { json, problem, Refusal, type StrictResponse } from "./response";
import type { Outcome, Scenario } from "./scenario";
import { verifyRequest } from "./verify";

type Handler = (
  context: StrictContext,
  request: SignedRequest,
) => StrictResponse | Promise<StrictResponse>;

const SIGNED: Partial<Record<EndpointName, Handler>> = {
  newAccount,
  account,
  newOrder,
  order,
  authorization,
  challenge,
  finalize,
  certificate,
  keyChange,
  revokeCert,
};

/** A badNonce that was answered, whose repetition has to come with the nonce of the error. */
export interface OwedNonce {
  readonly url: string;
  readonly payload: string;
  readonly nonce: string;
}

export async function handle(
  context: StrictContext,
  scenario: Scenario,
  owed: OwedNonce[],
  request: StrictRequest,
): Promise<Outcome> {
  checkCommon(context, request);
  checkOwedNonce(context, owed, request);
  const { changes, answer } = scenario.next(request.endpoint);
  let outcome: Outcome = await answered(context, request, answer);
  if (typeof outcome === "object") outcome = withNonce(context, request, outcome);
  for (const change of changes) {
    if (typeof outcome === "object") outcome = await change(outcome, request);
  }
  if (typeof outcome === "object") oweNonce(owed, request, outcome);
  return outcome;
}

function checkCommon(context: StrictContext, request: StrictRequest): void {
  const complain: Complain = (rule, message) => {
    context.deviations.record(rule, request.endpoint, message);
  };
  if ((request.headers["user-agent"] ?? "") === "") complain("no User-Agent", "no User-Agent");
  if (request.headers["accept-language"] === undefined)
    complain("no Accept-Language", "no Accept-Language");
  const signed = SIGNED[request.endpoint] !== undefined;
  if (signed && request.method !== "POST")
    complain("wrong method or payload", `${request.method} instead of POST`);
  if (!signed && request.method === "POST")
    complain("wrong method or payload", "POST instead of GET");
}

/** Verified first, so that a scenario does not hide what the client did. */
async function answered(
  context: StrictContext,
  request: StrictRequest,
  answer: ReturnType<Scenario["next"]>["answer"],
): Promise<Outcome> {
  try {
    if (request.method !== "POST") {
      return answer === undefined ? unsigned(context, request) : await answer(request);
    }
    const handler = SIGNED[request.endpoint];
    if (handler === undefined) throw new Refusal(405, { type: "malformed" });
    const verified = verifyRequest(context, request);
    return answer === undefined ? await handler(context, verified) : await answer(verified);
  } catch (error) {
    if (error instanceof Refusal) return error.response;
    context.deviations.record("fault of this server", request.endpoint, String(error));
    return problem(500, { type: "serverInternal", detail: String(error) });
  }
}

function unsigned(context: StrictContext, request: StrictRequest): StrictResponse {
  switch (request.endpoint) {
    case "directory":
      return json(200, directory(context));
    case "newNonce":
      return {
        status: request.method === "HEAD" ? 200 : 204,
        headers: { "cache-control": "no-store" },
        body: "",
      };
    case "renewalInfo":
      return renewalInfo(context, request);
    default:
      throw new Refusal(405, { type: "malformed", detail: "POST-as-GET is the way" });
  }
}

/** RFC 8555 §7.1.1, with the random member of Let's Encrypt's. */
function directory(context: StrictContext): Record<string, unknown> {
  const { options } = context;
  const { termsOfService = `${context.baseUrl}/terms/v1` } = options;
  return {
    kvqHtmWbZ0c: "https://community.letsencrypt.org/t/adding-random-entries-to-the-directory/33417",
    newNonce: urlOf(context, "newNonce"),
    newAccount: urlOf(context, "newAccount"),
    newOrder: urlOf(context, "newOrder"),
    revokeCert: urlOf(context, "revokeCert"),
    ...(options.keyChange === false ? {} : { keyChange: urlOf(context, "keyChange") }),
    ...(options.renewalInfo === false ? {} : { renewalInfo: urlOf(context, "renewalInfo") }),
    meta: {
      ...(termsOfService === null ? {} : { termsOfService }),
      externalAccountRequired: options.externalAccounts === undefined ? undefined : true,
      profiles: options.profiles,
      caaIdentities: options.caaIdentities ?? ["strict.test"],
    },
  };
}

/** RFC 8555 §6.5: a nonce in every answer to a POST, errors included. */
function withNonce(
  context: StrictContext,
  request: StrictRequest,
  response: StrictResponse,
): StrictResponse {
  if (request.method !== "POST" && request.endpoint !== "newNonce") return response;
  if (response.headers["replay-nonce"] !== undefined) return response;
  return {
    ...response,
    headers: {
      ...response.headers,
      "replay-nonce": context.nonces.issue(),
      ...(response.headers["link"] === undefined
        ? { link: `<${urlOf(context, "directory")}>;rel="index"` }
        : {}),
    },
  };
}

/** RFC 8555 §6.5: the repetition uses the nonce of the error. */
function checkOwedNonce(context: StrictContext, owed: OwedNonce[], request: StrictRequest): void {
  if (request.method !== "POST") return;
  const { payload, nonce } = signedParts(request.body);
  const index = owed.findIndex((item) => item.url === request.url && item.payload === payload);
  const [item] = index < 0 ? [] : owed.splice(index, 1);
  if (item !== undefined && item.nonce !== nonce) {
    context.deviations.record(
      "retry without the nonce of badNonce",
      request.endpoint,
      "a retry without the nonce of the badNonce",
    );
  }
}

function oweNonce(owed: OwedNonce[], request: StrictRequest, response: StrictResponse): void {
  const nonce = response.headers["replay-nonce"];
  const good = typeof nonce === "string" && /^[A-Za-z0-9_-]+$/.test(nonce);
  if (!good || response.status !== 400 || !response.body.includes("error:badNonce")) return;
  owed.push({ url: request.url, payload: signedParts(request.body).payload, nonce });
}

function signedParts(body: string): { payload: string; nonce: unknown } {
  try {
    const jws = JSON.parse(body) as { payload: string; protected: string };
    const header: unknown = JSON.parse(Buffer.from(jws.protected, "base64url").toString("utf8"));
    return { payload: jws.payload, nonce: (header as { nonce?: unknown }).nonce };
  } catch {
    return { payload: "", nonce: undefined };
  }
}
