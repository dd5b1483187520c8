/** The TXT records of one presentation, at all its providers. */
import { setMaxListeners } from "node:events";

import { messageOf } from "../../util/errors";
import { enumerate } from "../../util/text";
import { ChallengeError, type Presentation, type SolverContext } from "../solver";
import type { DnsProvider, DnsProviderContext, DnsRecord } from "./provider";
import { noteAdded, noteRefused, release, retain } from "./record-references";

const CLEAN_UP_MS = 60_000;

/** Records at all providers, until they are cleaned up. */
export class AddedRecords implements Presentation {
  readonly #retained = new Map<DnsProvider, readonly DnsRecord[]>();

  constructor(
    private readonly challengeType: string,
    private readonly providers: readonly DnsProvider[],
    private readonly records: readonly DnsRecord[],
    private readonly context: SolverContext,
    private readonly followedCname: boolean,
    /** Put after a message about the records' names. */
    private readonly remark: string,
  ) {}

  async add(): Promise<void> {
    await this.#all(this.providers, async (provider) => {
      const { length } = this.records;
      this.context.progress(`adds ${String(length)} TXT records by ${provider.label}`);
      this.#retain(provider, this.records);
      await provider.add(this.records, {
        ...this.#contextOf(this.context.signal),
        mayAdd: (records) => {
          noteAdded(provider, records);
        },
        notAdded: (records) => {
          noteRefused(provider, records);
        },
      });
    });
  }

  async cleanUp(): Promise<void> {
    const retained = [...this.#retained];
    // Emptied first: a second call must not release what another certificate has retained meanwhile.
    this.#retained.clear();
    const signal = AbortSignal.timeout(CLEAN_UP_MS);
    // Node warns of a leak from the eleventh listener of one signal on.
    setMaxListeners(0, signal);
    const unused = new Map(
      retained.map(([provider, records]) => [provider, release(provider, records)]),
    );
    const left: DnsRecord[] = [];
    try {
      await this.#all([...unused.keys()], async (provider) => {
        const records = unused.get(provider) ?? [];
        try {
          if (records.length > 0) await provider.remove(records, this.#contextOf(signal));
        } catch (error) {
          // The next call tries again.
          this.#retain(provider, records);
          noteAdded(provider, records);
          left.push(...records);
          throw error;
        }
      });
    } catch (error) {
      const names = enumerate([...new Set(left.map(({ name }) => name))]);
      throw new ChallengeError(
        `${this.challengeType}: TXT records may be left under ${names}: ${messageOf(error)}${this.remark}`,
        { cause: error },
      );
    }
  }

  #retain(provider: DnsProvider, records: readonly DnsRecord[]): void {
    retain(provider, records);
    this.#retained.set(provider, records);
  }

  #contextOf(signal: AbortSignal): DnsProviderContext {
    const { progress, warn } = this.context;
    return { signal, progress, warn, followedCname: this.followedCname };
  }

  /** At all providers at once; the errors of all are joined. */
  async #all(
    providers: readonly DnsProvider[],
    work: (provider: DnsProvider) => Promise<void>,
  ): Promise<void> {
    const results = await Promise.allSettled(providers.map(work));
    const failures = results.flatMap((result, index) =>
      result.status === "rejected"
        ? [`${providers[index]?.label ?? ""}: ${messageOf(result.reason)}`]
        : [],
    );
    if (failures.length > 0) throw new ChallengeError(failures.join("; "));
  }
}
