/** The arguments of a `ServiceConfig`: their schema, and what a change of each means. Pure. */
import * as v from "valibot";

import type { ServiceArgument } from "../../deploy/services/together";
import { START_TLS, type StartTls } from "../../deploy/starttls";
import type { Target } from "../../hosts/host";
import { duration, nonEmpty, object, oneOfWords } from "../../schema/builders";
import { targetSchema } from "../arguments/connection";
import { absolutePath, fileMode, fileOwner, serviceAddress } from "../arguments/host-file";
import { serviceSchema } from "../arguments/service";
import { COMMENT_PREFIXES, type CommentPrefix } from "../config-file/first-line";
import type { Rules } from "../engine/rules";

/** What has to answer after the reload. */
interface AnswerArguments {
  readonly address?: string;
  /** Default true: a TLS handshake; false: a TCP connection. */
  readonly tls?: boolean;
  readonly serverName?: string;
  readonly startTls?: StartTls | "none";
  readonly timeout?: string;
}

/** As `check` leaves them. */
export interface ServiceConfigArguments {
  readonly connection: Target;
  readonly path: string;
  readonly content: string;
  readonly service?: ServiceArgument;
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly commentPrefix?: CommentPrefix;
  readonly test?: string;
  readonly reload?: string;
  readonly verify?: AnswerArguments | "report" | false;
  readonly triggers?: readonly unknown[];
  readonly forgetUnreachable?: boolean;
}

const answer = object({
  address: v.optional(serviceAddress),
  tls: v.optional(v.boolean()),
  serverName: v.optional(nonEmpty),
  startTls: v.optional(oneOfWords([...START_TLS, "none"] as const)),
  timeout: v.optional(duration),
});

export const serviceConfigSchema: v.GenericSchema<ServiceConfigArguments> = object({
  connection: targetSchema,
  path: absolutePath,
  content: v.string(),
  service: v.optional(serviceSchema),
  mode: v.optional(fileMode),
  owner: v.optional(fileOwner),
  group: v.optional(fileOwner),
  commentPrefix: v.optional(
    v.union(
      [v.picklist(COMMENT_PREFIXES), v.literal(false)],
      'must be "#", "//", ";" or false (then no line is added)',
    ),
  ),
  test: v.optional(nonEmpty),
  reload: v.optional(nonEmpty),
  verify: v.optional(
    v.lazy((input) =>
      typeof input === "object"
        ? answer
        : v.union(
            [v.literal("report"), v.literal(false)],
            'must be an object, "report" or false; left out, what answered before must answer',
          ),
    ),
  ),
  triggers: v.optional(v.array(v.unknown())),
  forgetUnreachable: v.optional(v.boolean()),
});

/** What a change of an argument means: `write` is another file on the host. */
export const RULES: Rules<ServiceConfigArguments, "write"> = {
  commentPrefix: { change: "write", default: "#" },
  // Another host replaces; credentials are taken over; a look tells whether another machine has the host's place.
  connection: { change: "settings" },
  content: { change: "write", stored: "digest" },
  forgetUnreachable: { change: "settings", default: false },
  group: { change: "write" },
  mode: { change: "write", default: "0644" },
  owner: { change: "write" },
  path: { change: "replace" },
  reload: { change: "settings" },
  service: { change: "settings" },
  test: { change: "settings" },
  triggers: { change: "write" },
  verify: { change: "settings" },
};
