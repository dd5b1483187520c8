/** The arguments of `exec`. */
import type * as v from "valibot";

import { object } from "../../../../schema/builders";
import { hookArguments, hookMode } from "../../../hooks/arguments";

export const dnsExecArguments = object({ ...hookArguments.entries, mode: hookMode });

export type DnsExecArguments = v.InferOutput<typeof dnsExecArguments>;
