/** The arguments of `lexicon`. */
import * as v from "valibot";

import { nonEmpty, object, secret, text } from "../../../../schema/builders";

export const lexiconArguments = object({
  /** As `lexicon --help` lists them: `inwx`, `gandi`, `transip`. */
  provider: text(
    (value) => /^[a-z0-9_]+$/.test(value),
    'must be a name from the list of `lexicon --help`, such as "inwx"',
  ),
  /** By the names of the provider's options: `authUsername` or `auth_username`, for `--auth-username`. */
  credentials: secret(v.record(v.string(), nonEmpty)),
  /** Default: what the public suffix list makes the registered domain of each name. */
  zone: v.optional(nonEmpty),
  /** The program and its first arguments; no shell. Default: `lexicon`. */
  command: v.optional(
    v.pipe(
      v.array(nonEmpty),
      v.check((words) => words.length > 0, "must be a program and its first arguments"),
    ),
  ),
});

export type LexiconArguments = v.InferOutput<typeof lexiconArguments>;
