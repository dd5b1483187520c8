/** The arguments of users' programs and web services, whichever challenge they answer. */
import * as v from "valibot";

import { duration, nonEmpty, object, oneOfWords, secret, webUrl } from "../../schema/builders";

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

export const webhookArguments = object({
  /** `/present` and `/cleanup` are appended to its path. */
  url: webUrl,
  /** Basic authentication, RFC 7617. */
  username: v.optional(v.string()),
  password: v.optional(secret(v.string())),
});

export type WebhookArguments = v.InferOutput<typeof webhookArguments>;

/** What a hook for DNS is given: `default`: name and value of the record; `raw`: domain, token and key authorization. */
export const hookMode = v.optional(oneOfWords(["default", "raw"]));
