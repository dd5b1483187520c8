/** Authorizations and their challenges. */
import type { AccountCredentials } from "./account";
import { accountHint } from "./account-object";
import { retryAtOf, type Answer } from "./answer";
import {
  describeAuthorization,
  parseAuthorization,
  type Authorization,
  type Challenge,
} from "./authorization-object";
import { poll, type Look } from "./poll";
import { hasProblemType } from "./problems";
import { delayAsTold, jsonObjectOf, post } from "./request";
import { isAmbiguous } from "./retry";
import { internals, type AcmeClient, type AcmeRequestOptions } from "./client";

const MAX_ANSWERS = 5;
const ANSWER_AGAIN_MS = 5000;

export async function getAuthorization(
  client: AcmeClient,
  credentials: AccountCredentials,
  url: string,
  options: AcmeRequestOptions = {},
): Promise<Authorization> {
  return (await lookAtAuthorization(client, credentials, url, options)).authorization;
}

async function lookAtAuthorization(
  client: AcmeClient,
  credentials: AccountCredentials,
  url: string,
  options: AcmeRequestOptions,
): Promise<{ authorization: Authorization; answer: Answer }> {
  const what = `authorization ${url}`;
  const { answer, object } = await jsonObjectOf(what, () =>
    post(client, { what, url, signer: credentials, hint: accountHint }, options),
  );
  return { authorization: parseAuthorization(url, answer.url, object), answer };
}

/** A challenge that the CA is validating. */
export interface Answered {
  readonly url: string;
  /** When to look at its authorization, in epoch milliseconds: the `Retry-After` of the answer. */
  readonly retryAt?: number;
}

/**
 * Asks the CA to validate the challenge, by `{}`.
 *
 * Only for a `pending` authorization, and for one of its challenges. If no answer arrives, the authorization is fetched
 * before the response is sent again: a second response to one challenge can hang a CA.
 *
 * @see RFC 8555 §7.5.1, Responding to Challenges
 */
export async function respondToChallenge(
  client: AcmeClient,
  credentials: AccountCredentials,
  challenge: Challenge,
  options: AcmeRequestOptions = {},
): Promise<Answered> {
  const { url } = challenge;
  for (let attempt = 0; ; attempt++) {
    try {
      const reply = await answer(client, credentials, challenge, options);
      return { url, retryAt: retryAtOf(reply, client[internals].now()) };
    } catch (error) {
      options.signal?.throwIfAborted();
      const refused = hasProblemType(error, "malformed");
      if (!isAmbiguous(error) && !refused) throw error;
      await delayAsTold(client, error, options);
      const current = await getAuthorization(
        client,
        credentials,
        challenge.authorizationUrl,
        options,
      );
      if (current.status !== "pending" || isUnderWay(current, challenge)) return { url };
      if (refused || attempt === MAX_ANSWERS) throw error;
    }
  }
}

function isUnderWay(authorization: Authorization, challenge: Challenge): boolean {
  const current = authorization.challenges.find(({ url }) => url === challenge.url);
  return current !== undefined && current.status !== "pending";
}

async function answer(
  client: AcmeClient,
  credentials: AccountCredentials,
  challenge: Challenge,
  options: AcmeRequestOptions,
): Promise<Answer> {
  return await post(
    client,
    {
      what: `${challenge.type} challenge ${challenge.url}`,
      url: challenge.url,
      signer: credentials,
      payload: {},
      repetition: "when-refused",
    },
    options,
  );
}

/**
 * Polls the authorization until it is no longer `pending`, and returns it whatever its status: an invalid one says why
 * in its challenges. Some CAs leave it pending when the challenge that was answered has failed: that ends it as well.
 *
 * A CA may retry by itself (RFC 8555 §8.2: the challenge stays `processing`, with an error). smallstep's server does
 * not (the challenge stays `pending`, with an error): then the response is sent again, a few times.
 */
export async function pollAuthorization(
  client: AcmeClient,
  credentials: AccountCredentials,
  url: string,
  options: AcmeRequestOptions = {},
  answered?: Answered,
): Promise<Authorization> {
  const { now } = client[internals];
  let answersLeft = MAX_ANSWERS;
  let answeredAt = now();
  const look = async (): Promise<Look<Authorization>> => {
    const { authorization, answer: reply } = await lookAtAuthorization(
      client,
      credentials,
      url,
      options,
    );
    const dropped = authorization.challenges.find(
      ({ status, error }) => status === "pending" && error !== undefined,
    );
    const failed = authorization.challenges.some(
      (challenge) => challenge.url === answered?.url && challenge.status === "invalid",
    );
    const pending = authorization.status === "pending" && !failed;
    const due = answersLeft > 0 && now() >= answeredAt + ANSWER_AGAIN_MS;
    if (pending && dropped !== undefined && due) {
      answersLeft--;
      answeredAt = now();
      await respondToChallenge(client, credentials, dropped, options);
    }
    return { value: authorization, done: !pending, retryAt: retryAtOf(reply, now()) };
  };
  return await poll(client, look, describeAuthorization, options, { retryAt: answered?.retryAt });
}
