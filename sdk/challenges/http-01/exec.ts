/** http-01 by a program of the user's. */
import { durationMs } from "../../util/duration";
import { withLock } from "../../util/concurrency";
import type { HookArguments } from "../hooks/arguments";
import { runHook } from "../hooks/process";
import type { Solver } from "../solver";
import { type EachProof, presentEach } from "./each-proof";

const TIMEOUT = "2m";

/**
 * Calls `command… present|cleanup <identifier> <token> <key authorization>`, once for each name and never two at a
 * time. After `present` the program has to see to it that `http://<identifier>/.well-known/acme-challenge/<token>`
 * answers with the key authorization. An exit code other than 0 is a failure; the end of the output is then shown.
 * When one call fails, `cleanup` is called for all names that were tried.
 */
export function exec(options: HookArguments): Solver {
  const { command, environment = {}, timeout = TIMEOUT } = options;
  const what = `the program ${command[0] ?? ""}`;
  const timeoutMs = durationMs(timeout);
  const id = `exec ${JSON.stringify(command)}`;
  const each: EachProof = {
    what,
    id,
    atOnce: 1,
    cleanUpMs: timeoutMs,
    call: async (action, { identifier, token, keyAuthorization }, { signal }) => {
      const args = [action, identifier.value, token, keyAuthorization];
      const hook = { command, args, environment, timeoutMs, signal };
      await withLock([id], () => runHook(hook));
    },
  };
  return {
    challengeType: "http-01",
    label: `http-01 by ${what}`,
    present: (proofs, context) => presentEach(proofs, each, context),
  };
}
