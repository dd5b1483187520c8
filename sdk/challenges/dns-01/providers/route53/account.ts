/** An AWS account as this process uses it: one client and one pace for all certificates with the same credentials. */
import type * as Sdk from "@aws-sdk/client-route-53";

import { type Attempt, type Limit, type Pace, paceFor } from "../../../../http/pace";
import { messageOf } from "../../../../util/errors";
import { sha256Of } from "../../../../util/sha256";
import { singleLine } from "../../../../util/text";
import { optionalPackage } from "../../optional-package";
import type { DnsProviderContext } from "../../provider";
import type { Route53Arguments } from "./arguments";

type Route53 = typeof Sdk;

/** @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests */
const LIMIT: Limit = {
  calls: 5,
  // A tenth more than the second: calls do not take equally long to get there.
  perMs: 1100,
  words: "AWS takes five calls a second from an account, whoever makes them",
};
const REGION = "us-east-1";
/** What the SDK itself would repeat: its retries know nothing of the other certificates. */
const THROTTLED = ["Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown"];
const NETWORK_CODES = [
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
];
/** Another change of the zone is not done yet. */
const PRIOR_CHANGE = "PriorRequestNotComplete";

export interface Account {
  readonly sdk: Route53;
  /** Digest of the credentials. */
  readonly key: string;
  /** How many certificates wait for a change to be in sync. */
  waiting: number;
  /** Makes a call at the account's pace, and repeats it while AWS is busy. */
  call<T>(
    context: DnsProviderContext,
    send: (client: Sdk.Route53Client, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T>;
}

const accounts = new Map<string, Account>();

/** @throws {@link ConfigurationError} where the optional package is not installed */
export async function accountFor(options: Route53Arguments): Promise<Account> {
  const sdk = await optionalPackage(
    "@aws-sdk/client-route-53",
    "the solver route53 needs",
    () => import("@aws-sdk/client-route-53"),
  );
  const { endpoint, region, profile, accessKeyId, secretAccessKey, sessionToken } = options;
  const login = [endpoint, region, profile, accessKeyId, secretAccessKey, sessionToken];
  const key = sha256Of(JSON.stringify(login));
  const account = accounts.get(key) ?? createAccount(sdk, key, options);
  accounts.set(key, account);
  return account;
}

function createAccount(sdk: Route53, key: string, options: Route53Arguments): Account {
  const client = new sdk.Route53Client(clientConfiguration(options));
  const pace: Pace = paceFor("Route 53", [key], LIMIT);
  return {
    sdk,
    key,
    waiting: 0,
    call: (context, send) =>
      pace.call(
        () => attempt(() => send(client, { abortSignal: context.signal }), context.signal),
        {
          service: "AWS",
          ...context,
        },
      ),
  };
}

async function attempt<T>(send: () => Promise<T>, signal: AbortSignal): Promise<Attempt<T>> {
  try {
    return { result: await send() };
  } catch (error) {
    signal.throwIfAborted();
    const { name, code, $metadata } = error as Partial<Sdk.Route53ServiceException> & {
      readonly code?: string;
    };
    const status = $metadata?.httpStatusCode ?? 0;
    const limited = status === 429 || THROTTLED.includes(name ?? "");
    const busy = limited || status >= 500 || name === PRIOR_CHANGE;
    const words = singleLine(messageOf(error));
    if (busy) return { failure: `answers ${name ?? String(status)}: ${words}`, limited };
    if (NETWORK_CODES.includes(code ?? "")) return { failure: `cannot be reached: ${words}` };
    throw error;
  }
}

function clientConfiguration(options: Route53Arguments): Sdk.Route53ClientConfig {
  const { region, endpoint, profile, accessKeyId, secretAccessKey, sessionToken } = options;
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined
      ? undefined
      : { accessKeyId, secretAccessKey, sessionToken };
  return {
    region: region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? REGION,
    maxAttempts: 1,
    endpoint,
    profile,
    credentials,
  };
}
