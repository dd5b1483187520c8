/** Signed requests: nonce, signature, repetition. Layer 2. */
import { delay } from "../util/abort";
import { endpointUrl, forgetDirectory, getDirectory, type Endpoint } from "./directory";
import { exchange, problemErrorOf, type Answer } from "./exchange";
import { AcmeProtocolError } from "./faults";
import { asObject, parseJson } from "./json";
import { signRequest, type Signer } from "./jws";
import type { Nonce } from "./nonces";
import { AcmeProblemError, type Problem } from "./problems";
import { isBadNonce, noTries, waitBeforeRetry, type Repetition, type Tries } from "./retry";
import type { AcmeRequestOptions, AcmeServer } from "./server";

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
  /** What the user could do about a problem. */
  readonly hint?: (problem: Problem) => string | undefined;
}

/**
 * Sends a signed request, and repeats it as the policy in retry.ts allows.
 *
 * @throws {@link AcmeProblemError} for a failure status, {@link AcmeProtocolError} for a redirect (the signature is
 * for one URL), {@link AcmeConnectionError}, {@link TimeoutError}, or the signal's reason
 */
export async function post(
  server: AcmeServer,
  request: SignedRequest,
  options: AcmeRequestOptions,
): Promise<Answer> {
  const { signal } = options;
  const { newNonce } = await getDirectory(server, options);
  const state: PostState = { newNonce, tries: noTries() };
  for (;;) {
    try {
      return await postOnce(server, request, state, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const waitMs = waitBeforeRetry(
        error,
        request.repetition ?? "repeatable",
        state.tries,
        server.now(),
        server.random,
      );
      if (waitMs === undefined) throw error;
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

/** No repetition: one nonce, one signature, one exchange. */
async function postOnce(
  server: AcmeServer,
  request: SignedRequest,
  state: PostState,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { what, url, accept } = request;
  return await server.slots.run(signal, async () => {
    const nonce =
      state.errorNonce ?? server.nonces.take() ?? (await fetchNonce(server, what, state, signal));
    state.errorNonce = undefined;
    const body = await signRequest(request.signer, {
      url,
      nonce: nonce.value,
      payload: request.payload,
    });
    const answer = await exchange(
      server,
      { what, method: "POST", url, body, ...(accept === undefined ? {} : { accept }) },
      signal,
    );
    if (answer.status >= 400) {
      const error = problemErrorOf(server, what, answer, request.hint);
      if (isBadNonce(error)) {
        server.nonces.refused(nonce);
        state.errorNonce = received(server, answer);
      } else {
        keepNonce(server, answer);
      }
      throw error;
    }
    keepNonce(server, answer);
    if (answer.status >= 300) {
      throw new AcmeProtocolError(
        `acme: ${what}: ${url} answered a signed request with a redirect`,
        url,
      );
    }
    return answer;
  });
}

function received(server: AcmeServer, answer: Answer): Nonce | undefined {
  return answer.nonce === undefined ? undefined : server.nonces.receive(answer.nonce);
}

function keepNonce(server: AcmeServer, answer: Answer): void {
  const nonce = received(server, answer);
  if (nonce !== undefined) server.nonces.put(nonce);
}

/**
 * A new nonce. RFC 8555 §7.2: HEAD, answered 200; a few servers know only the GET of the same section.
 *
 * Runs inside the slot of the request that wants it: once the first requests are answered there are nonces enough.
 * Its tries count as tries of that request.
 */
async function fetchNonce(
  server: AcmeServer,
  what: string,
  state: PostState,
  signal: AbortSignal | undefined,
): Promise<Nonce> {
  const { newNonce: url, tries } = state;
  const purpose = `${what}: new nonce`;
  for (;;) {
    try {
      let answer = await exchange(server, { what: purpose, method: "HEAD", url }, signal);
      if (answer.nonce === undefined && !meansLater(answer.status)) {
        answer = await exchange(server, { what: purpose, method: "GET", url }, signal);
      }
      if (answer.status >= 400) throw problemErrorOf(server, purpose, answer);
      const nonce = received(server, answer);
      if (nonce !== undefined) return nonce;
      throw new AcmeProtocolError(`acme: ${purpose}: ${url} gave no usable Replay-Nonce`, url);
    } catch (error) {
      signal?.throwIfAborted();
      const waitMs = waitBeforeRetry(error, "repeatable", tries, server.now(), server.random);
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
 * The directory may have changed since it was fetched: where the endpoint is gone (404) it is fetched once more.
 */
export async function postToEndpoint(
  server: AcmeServer,
  endpoint: Endpoint,
  request: Omit<SignedRequest, "url" | "payload"> & {
    readonly payload: (url: string) => object | Promise<object>;
  },
  options: AcmeRequestOptions,
): Promise<Answer> {
  const send = async (url: string): Promise<Answer> =>
    post(server, { ...request, url, payload: await request.payload(url) }, options);
  const url = await endpointUrl(server, endpoint, options);
  try {
    return await send(url);
  } catch (error) {
    if (!(error instanceof AcmeProblemError) || error.status !== 404) throw error;
    forgetDirectory(server);
    const newUrl = await endpointUrl(server, endpoint, options);
    if (newUrl === url) throw error;
    return await send(newUrl);
  }
}

/**
 * The JSON object that `send` is answered with.
 *
 * A success without a whole JSON object is taken for an accident once, if the request may be repeated; then the CA
 * is broken.
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
