/** Signed requests: nonce, signature, repetition. */
import { delay } from "../util/abort";
import { endpointUrl, forgetDirectory, getDirectory } from "./directory";
import { refuseEndpoint, type Endpoint } from "./directory-object";
import { problemErrorOf, type Answer, type Hint } from "./answer";
import { internals, type AcmeClient, type AcmeRequestOptions } from "./client";
import { AcmeProtocolError } from "./errors";
import { exchange } from "./exchange";
import { asObject, parseJson } from "../util/json";
import { signRequest, type Signer } from "./jws";
import type { Nonce } from "./nonces";
import { AcmeProblemError, withContext } from "./problems";
import {
  countSuccess,
  isBadNonce,
  isRateLimit,
  MAX_WAIT_MS,
  nonceLimit,
  noTries,
  waitAsTold,
  waitBeforeRetry,
  type Repetition,
  type Tries,
} from "./retry";

export interface SignedRequest {
  /** For messages: "order for example.com". */
  readonly what: string;
  readonly url: string;
  readonly signer: Signer;
  /** Sent as JSON; absent: POST-as-GET. */
  readonly payload?: object;
  readonly accept?: string;
  /** Default `repeatable`. */
  readonly repetition?: Repetition;
  readonly hint?: Hint;
}

/**
 * Sends a signed request, and repeats it as the policy in retry.ts allows.
 *
 * @throws {@link AcmeProblemError} for a failure status, {@link AcmeProtocolError} for an endpoint of the directory
 * (that is {@link postToEndpoint}'s) and for a redirect (the signature is for one URL), {@link AcmeConnectionError}, {@link TimeoutError}, or the signal's reason
 */
export async function post(
  client: AcmeClient,
  request: SignedRequest,
  options: AcmeRequestOptions,
): Promise<Answer> {
  refuseEndpoint(await getDirectory(client, options), request.what, request.url);
  return await postAnywhere(client, request, options);
}

async function postAnywhere(
  client: AcmeClient,
  request: SignedRequest,
  options: AcmeRequestOptions,
): Promise<Answer> {
  const { signal } = options;
  const { now, random, operation } = client[internals];
  const { newNonce } = await getDirectory(client, options);
  const state: PostState = { newNonce, tries: noTries(operation) };
  for (;;) {
    try {
      const answer = await postOnce(client, request, state, signal);
      countSuccess(state.tries);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      if (error === operation.gaveUp) throw error;
      const { what, repetition = "repeatable" } = request;
      const waitMs = waitBeforeRetry(error, repetition, state.tries, now(), random);
      if (waitMs === undefined) {
        if (!isBadNonce(error)) throw error;
        throw (operation.gaveUp = nonceless(what, error, state.tries));
      }
      if (waitMs > 0) await delay(waitMs, signal);
    }
  }
}

interface PostState {
  readonly newNonce: string;
  readonly tries: Tries;
  /** The nonce that came with a `badNonce`: RFC 8555 §6.5 has this request, and no other, repeated with it. */
  errorNonce?: Nonce | undefined;
}

function nonceless(what: string, error: AcmeProblemError, tries: Tries): AcmeProblemError {
  return withContext(what, error, {
    hint: `given up after ${nonceLimit(tries)}: the CA refuses the nonces that it has just handed out; several servers that do not share them may be behind one name`,
  });
}

/** Waits as the CA asked with a failure, before anything else is asked. @throws the failure, if that takes too long */
export async function delayAsTold(
  client: AcmeClient,
  error: unknown,
  { signal }: AcmeRequestOptions,
): Promise<void> {
  const waitMs = waitAsTold(error, client[internals].now()) ?? 0;
  if (waitMs > MAX_WAIT_MS) throw error;
  if (waitMs > 0) await delay(waitMs, signal);
}

/** 429, or 503, with a time: it is meant for all that the client asks, and not for this request alone. */
function isRefusal(error: AcmeProblemError): boolean {
  return error.retryAt !== undefined && (isRateLimit(error) || error.status === 503);
}

/** Waits while the CA wants to be left alone. @throws its refusal, if that takes too long, or if it refuses all nonces */
async function untilWelcome(client: AcmeClient, signal: AbortSignal | undefined): Promise<void> {
  const { now, operation } = client[internals];
  const { refusal, gaveUp } = operation;
  if (gaveUp !== undefined) throw gaveUp;
  if (refusal === undefined) return;
  const waitMs = (refusal.retryAt ?? 0) - now();
  if (waitMs <= 0) return;
  if (waitMs > MAX_WAIT_MS) throw refusal;
  await delay(waitMs, signal);
}

/** One nonce, one signature, one exchange. */
async function postOnce(
  client: AcmeClient,
  request: SignedRequest,
  state: PostState,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { what, url, accept } = request;
  const { nonces, now, operation, semaphore } = client[internals];
  return await semaphore.run(signal, async () => {
    await untilWelcome(client, signal);
    const nonce =
      state.errorNonce ?? nonces.take() ?? (await fetchNonce(client, what, state, signal));
    state.errorNonce = undefined;
    const body = await signRequest(request.signer, {
      url,
      nonce: nonce.value,
      payload: request.payload,
    });
    const answer = await exchange(client, { what, method: "POST", url, body, accept }, signal);
    if (answer.status >= 400) {
      const error = problemErrorOf(what, answer, now(), request.hint);
      if (isRefusal(error)) operation.refusal = error;
      if (isBadNonce(error)) {
        nonces.refused(nonce);
        state.errorNonce = received(client, answer);
      } else {
        keepNonce(client, answer);
      }
      throw error;
    }
    keepNonce(client, answer);
    if (answer.status >= 300) {
      throw new AcmeProtocolError(
        `acme: ${what}: ${url} answered a signed request with a redirect`,
        url,
      );
    }
    return answer;
  });
}

function received(client: AcmeClient, answer: Answer): Nonce | undefined {
  return answer.nonce === undefined ? undefined : client[internals].nonces.receive(answer.nonce);
}

function keepNonce(client: AcmeClient, answer: Answer): void {
  const nonce = received(client, answer);
  if (nonce !== undefined) client[internals].nonces.put(nonce);
}

/**
 * A new nonce. RFC 8555 §7.2: HEAD, answered 200; a few servers know only the GET of the same section.
 *
 * Runs in the same slot of the semaphore as its request: once the first requests are answered, there are enough nonces.
 * Its tries count as tries of that request.
 */
async function fetchNonce(
  client: AcmeClient,
  what: string,
  state: PostState,
  signal: AbortSignal | undefined,
): Promise<Nonce> {
  const { newNonce: url, tries } = state;
  const { now, random } = client[internals];
  const purpose = `${what}: new nonce`;
  for (;;) {
    try {
      let answer = await exchange(client, { what: purpose, method: "HEAD", url }, signal);
      if (answer.nonce === undefined && !meansLater(answer.status)) {
        answer = await exchange(client, { what: purpose, method: "GET", url }, signal);
      }
      if (answer.status >= 400) throw problemErrorOf(purpose, answer, now());
      const nonce = received(client, answer);
      if (nonce !== undefined) return nonce;
      throw new AcmeProtocolError(`acme: ${purpose}: ${url} gave no usable Replay-Nonce`, url);
    } catch (error) {
      signal?.throwIfAborted();
      const waitMs = waitBeforeRetry(error, "repeatable", tries, now(), random);
      if (waitMs === undefined) throw error;
      await delay(waitMs, signal);
    }
  }
}

function meansLater(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

/**
 * Like {@link post}, to an endpoint of the directory.
 *
 * The directory may have changed since: if the endpoint answers 404, the directory is fetched once more.
 */
export async function postToEndpoint(
  client: AcmeClient,
  endpoint: Endpoint,
  request: Omit<SignedRequest, "url" | "payload"> & {
    readonly payload: (url: string) => object | Promise<object>;
  },
  options: AcmeRequestOptions,
): Promise<Answer> {
  const send = async (url: string): Promise<Answer> =>
    postAnywhere(client, { ...request, url, payload: await request.payload(url) }, options);
  const url = await endpointUrl(client, endpoint, options);
  try {
    return await send(url);
  } catch (error) {
    if (!(error instanceof AcmeProblemError) || error.status !== 404) throw error;
    forgetDirectory(client);
    const newUrl = await endpointUrl(client, endpoint, options);
    if (newUrl === url) throw error;
    return await send(newUrl);
  }
}

/**
 * The JSON object that `send` is answered with.
 *
 * A success without a whole JSON object is repeated once, if the request may be repeated.
 *
 * @throws {@link AcmeProtocolError}
 */
export async function jsonObjectOf(
  what: string,
  send: () => Promise<Answer>,
  repetition: Repetition = "repeatable",
): Promise<{ answer: Answer; object: Record<string, unknown> }> {
  for (let attempt = 0; ; attempt++) {
    const answer = await send();
    const object = asObject(parseJson(answer.text));
    if (object !== undefined) return { answer, object };
    if (attempt > 0 || repetition !== "repeatable") {
      throw new AcmeProtocolError(
        `acme: ${what}: ${answer.url} answered HTTP ${String(answer.status)} without a JSON object`,
        answer.url,
      );
    }
  }
}
