/** TXT records by a user's program: lego's `exec` contract, with certbot's variables besides. */
import { durationMs } from "../../../../util/duration";
import { messageOf } from "../../../../util/errors";
import { withLock } from "../../../../util/concurrency";
import { oneByOne } from "../../all-settled";
import { runHook } from "../../../hooks/process";
import type { DnsProvider, DnsProviderContext, DnsRecord } from "../../provider";
import type { DnsExecArguments } from "./arguments";

const TIMEOUT = "2m";

/**
 * Calls `command… present|cleanup <record name>. <value>`, or in raw mode `command… present|cleanup -- <domain> <token>
 * <key authorization>`, once for each record and never two at a time. An exit code other than 0 is a failure.
 *
 * The variables of certbot's `--manual-auth-hook` are set in both modes: `CERTBOT_DOMAIN`, `CERTBOT_IDENTIFIER`,
 * `CERTBOT_VALIDATION`, `CERTBOT_REMAINING_CHALLENGES`, `CERTBOT_ALL_DOMAINS`, `CERTBOT_ALL_IDENTIFIERS`; and for the
 * clean-up `CERTBOT_AUTH_OUTPUT`. Not `CERTBOT_TOKEN`: hooks tell by it that the challenge is http-01.
 *
 * @see https://go-acme.github.io/lego/dns/exec/
 * @see https://eff-certbot.readthedocs.io/en/stable/using.html#pre-and-post-validation-hooks
 */
export function createProvider(options: DnsExecArguments): DnsProvider {
  const [program = ""] = options.command;
  /** What the hook wrote when it added a record. */
  const outputs = new Map<string, string>();
  const call = async (
    action: "present" | "cleanup",
    records: readonly DnsRecord[],
    context: DnsProviderContext,
  ): Promise<void> => {
    let remaining = records.length;
    // Hooks were written for clients that run one at a time: many read a zone file, change it, and write it back.
    await withLock([`exec ${JSON.stringify(options.command)}`], () =>
      oneByOne(
        records,
        async (record) => {
          remaining -= 1;
          context.progress(`runs ${program} ${action} for ${record.name}`);
          const output = await runHook({
            command: options.command,
            args: argumentsOf(action, record, options.mode),
            environment: {
              ...options.environment,
              ...certbotVariables(record, records, remaining),
              ...(action === "cleanup"
                ? { CERTBOT_AUTH_OUTPUT: outputs.get(keyOf(record)) ?? "" }
                : {}),
            },
            timeoutMs: durationMs(options.timeout ?? TIMEOUT),
            signal: context.signal,
          }).catch((error: unknown) => {
            context.signal.throwIfAborted();
            throw new Error(`${action} of ${record.name}: ${messageOf(error)}`, { cause: error });
          });
          if (action === "present") outputs.set(keyOf(record), output.trim());
          else outputs.delete(keyOf(record));
        },
        context.signal,
      ),
    );
  };
  return {
    label: `the program ${options.command.join(" ")}`,
    add: (records, context) => {
      context.mayAdd(records);
      return call("present", records, context);
    },
    remove: (records, context) => call("cleanup", records, context),
  };
}

function argumentsOf(
  action: "present" | "cleanup",
  record: DnsRecord,
  mode: DnsExecArguments["mode"],
): string[] {
  return mode === "raw"
    ? [action, "--", record.domain, record.token, record.keyAuthorization]
    : [action, `${record.name}.`, record.value];
}

function certbotVariables(
  record: DnsRecord,
  all: readonly DnsRecord[],
  remaining: number,
): Record<string, string> {
  const domains = all.map(({ domain }) => domain).join(",");
  return {
    CERTBOT_DOMAIN: record.domain,
    CERTBOT_IDENTIFIER: record.domain,
    CERTBOT_VALIDATION: record.value,
    CERTBOT_REMAINING_CHALLENGES: String(remaining),
    CERTBOT_ALL_DOMAINS: domains,
    CERTBOT_ALL_IDENTIFIERS: domains,
  };
}

function keyOf({ name, value }: DnsRecord): string {
  return `${name} ${value}`;
}
