/** A session at INWX' API: one login for all certificates of this process, with the second factor where there is one. */
import type { ApiReply } from "../../../../http/json-api";
import {
  Refusal,
  type RefusalReason,
  refusalByStatus,
  type Rest,
} from "../../../../http/rest-service";
import { delay } from "../../../../util/abort";
import { ConfigurationError } from "../../../../util/errors";
import { asObject } from "../../../../util/json";
import { sha256Of } from "../../../../util/sha256";
import { singleLine } from "../../../../util/text";
import { Remembered } from "../../remembered";
import type { InwxArguments } from "./arguments";
import { STEP_MS, totp } from "./totp";

/** Calls a method. @returns its `resData` */
export type Rpc = (method: string, params: object) => Promise<Record<string, unknown>>;

/** "Authentication error": wrong credentials, or no session any more. */
export const UNAUTHENTICATED = "2200";
/** INWX ends sessions after an hour. */
const SESSION_MS = 30 * 60_000;

/** Cookies by accounts. */
const sessions = new Remembered<string>("INWX session");

interface Login extends InwxArguments {
  /** What tells accounts apart. */
  readonly account: readonly string[];
}

/** @param wait - the clock of tests */
export async function logIn(
  rest: Rest,
  login: Login,
  signal: AbortSignal,
  wait = delay,
): Promise<Rpc> {
  const account = sha256Of(JSON.stringify(login.account));
  const cookieSince = (since: number) =>
    sessions.get(account, signal, () => newSession(rest, login, signal, wait), since);
  let cookie = await cookieSince(performance.now() - SESSION_MS);
  return async (method, params) => {
    const began = performance.now();
    const used = cookie;
    try {
      return resultOf(await send(rest, method, params, used));
    } catch (error) {
      if (!(error instanceof Refusal && error.codes.includes(UNAUTHENTICATED))) throw error;
      cookie = await cookieSince(began);
      return resultOf(await send(rest, method, params, cookie));
    }
  };
}

async function newSession(
  rest: Rest,
  { username, password, sharedSecret }: InwxArguments,
  signal: AbortSignal,
  wait: typeof delay,
): Promise<string> {
  const reply = await send(rest, "account.login", { user: username, pass: password });
  const cookie = /(?:^|[\s,])(domrobot=[^;,\s]+)/.exec(reply.setCookie ?? "")?.[1];
  if (cookie === undefined) throw new Error("INWX answers the login without a session");
  const { tfa } = resultOf(reply);
  if (typeof tfa !== "string" || tfa === "" || tfa === "0") return cookie;
  if (sharedSecret === undefined) {
    throw new ConfigurationError(
      `the account at INWX has a second factor (${singleLine(tfa, 40)}): give sharedSecret`,
    );
  }
  const unlock = () =>
    send(rest, "account.unlock", { tan: totp(sharedSecret, Date.now()) }, cookie);
  try {
    await unlock();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Each is good for one login: another process may have used it.
    await wait(STEP_MS - (Date.now() % STEP_MS), signal);
    await unlock();
  }
  return cookie;
}

function send(rest: Rest, method: string, params: object, cookie?: string): Promise<ApiReply> {
  return rest("POST", "/", { method, params }, cookie === undefined ? {} : { Cookie: cookie });
}

function resultOf({ json }: ApiReply): Record<string, unknown> {
  return asObject(asObject(json)?.["resData"]) ?? {};
}

/** Every answer has the status 200; codes below 2000 are successes. */
export function refusalIn(reply: ApiReply): RefusalReason | undefined {
  const reason = refusalByStatus(reply);
  if (reason !== undefined) return reason;
  const { code, msg, reason: why } = asObject(reply.json) ?? {};
  if (typeof code === "number" && code < 2000) return undefined;
  const texts = [msg, why].filter((text) => typeof text === "string");
  return {
    words: `: ${singleLine(texts.join(", "), 300)} (${String(code)})`,
    codes: [String(code)],
  };
}
