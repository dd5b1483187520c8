/** The arguments of users' programs and web services, whichever challenge they answer. */
import * as v from "valibot";

import { duration, nonEmpty, object, oneOfWords, secret } from "../../schema/builders";
import { basicCredential, hookUrl, isReadable } from "../../schema/credentials";

export const hookArguments = object({
  /** The program and its first arguments; no shell. */
  command: v.pipe(
    v.array(nonEmpty),
    v.check((words) => words.length > 0, "must be a program and its first arguments"),
  ),
  /** Added to this process's environment: the place for secrets. */
  environment: v.optional(secret(v.record(v.string(), v.string()))),
  /** Of each call. Default: `2m`. */
  timeout: v.optional(duration),
});

export type HookArguments = v.InferOutput<typeof hookArguments>;

export const webhookEntries = {
  /** `/present` and `/cleanup` are appended to its path. */
  url: hookUrl,
  /** Basic authentication, RFC 7617. */
  username: v.optional(basicCredential),
  password: v.optional(secret(basicCredential)),
};

interface Login {
  readonly url: string;
  readonly password?: string;
}

/** That nobody on the way reads the password. A service that wants none may be asked in clear. */
export function passwordInSecret<T extends Login>() {
  return v.check<T, string>(
    ({ url, password }) => password === undefined || !isReadable(url),
    "url must be https (plain http only for a loopback host), because the password is sent to it",
  );
}

export const webhookArguments = v.pipe(object(webhookEntries), passwordInSecret());

export type WebhookArguments = v.InferOutput<typeof webhookArguments>;

/** What a hook for DNS is given: `default`: name and value of the record; `raw`: domain, token and key authorization. */
export const hookMode = v.optional(oneOfWords(["default", "raw"]));
