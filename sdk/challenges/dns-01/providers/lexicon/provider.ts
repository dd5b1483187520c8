/** TXT records in any of the services that dns-lexicon knows. @see https://dns-lexicon.readthedocs.io/ */
import { withLock } from "../../../../util/concurrency";
import { messageOf } from "../../../../util/errors";
import { parseJson } from "../../../../util/json";
import { sha256Of } from "../../../../util/sha256";
import { singleLine } from "../../../../util/text";
import { oneByOne } from "../../all-settled";
import {
  TTL_SECONDS,
  type DnsProvider,
  type DnsProviderContext,
  type DnsRecord,
} from "../../provider";
import type { LexiconArguments } from "./arguments";
import { lexiconWith } from "./command";

type Action = "create" | "delete";

/**
 * Calls `lexicon <provider> create|delete <zone> TXT --name … --content=…` once for each record and never two at a time with
 * the same credentials: many of its drivers read a record set, change it, and write it back.
 */
export function createProvider(options: LexiconArguments): DnsProvider {
  const { provider, credentials, zone } = options;
  const lexicon = lexiconWith(options);
  const account = sha256Of(JSON.stringify([provider, credentials]));

  const run = (action: Action | "list", { name, value, ttl }: DnsRecord, signal: AbortSignal) =>
    lexicon.call(
      [
        ...(zone === undefined ? [] : ["--delegated", zone]),
        // One in 64 values begins with a hyphen, and is taken for an option where it stands by itself.
        ...[provider, action, zone ?? name, "TXT", "--name", name, `--content=${value}`],
        // Many services refuse 60 seconds: unless the user asks for a TTL, it is theirs.
        ...(action !== "create" || ttl === TTL_SECONDS ? [] : ["--ttl", String(ttl)]),
        ...["--output", "JSON"],
      ],
      signal,
    );

  /** Some drivers fail where there is nothing to delete. */
  const isGone = async (record: DnsRecord, signal: AbortSignal): Promise<boolean> => {
    const found = parseJson(await run("list", record, signal).catch(() => ""));
    return Array.isArray(found) && found.length === 0;
  };

  const change = async (action: Action, record: DnsRecord, signal: AbortSignal): Promise<void> => {
    try {
      const output = await run(action, record, signal);
      if (parseJson(lastLine(output)) === false)
        throw new Error(`lexicon says no: ${singleLine(output)}`);
    } catch (error) {
      signal.throwIfAborted();
      if (action === "delete" && (await isGone(record, signal))) return;
      throw new Error(`${action} of ${record.name} by lexicon ${provider}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };

  const each = (
    action: Action,
    records: readonly DnsRecord[],
    { signal, progress }: DnsProviderContext,
  ) =>
    withLock([`lexicon ${account}`], () =>
      oneByOne(
        records,
        (record) => {
          progress(`runs lexicon ${provider} ${action} for ${record.name}`);
          return change(action, record, signal);
        },
        signal,
      ),
    );

  return {
    label: `lexicon ${provider}`,
    add: async (records, context) => {
      await lexicon.check(context.signal);
      context.mayAdd(records);
      await each("create", records, context);
    },
    remove: (records, context) => each("delete", records, context),
  };
}

/** Drivers may print what they like before their answer. */
function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}
