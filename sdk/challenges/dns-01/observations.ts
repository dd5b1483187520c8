/** What name servers say about records, and whether that is enough. Pure. */
import { enumerate } from "../../util/text";

/** One server that is asked for one record. */
export interface Sighting {
  /** The TXT record's name, and the value that it has to have among others. */
  readonly record: string;
  readonly value: string;
  /** For people: "ns1.example.com (192.0.2.1)". */
  readonly server: string;
  readonly family: 4 | 6;
  readonly said: Said;
}

export type Said =
  | "present"
  /** It answers, but not with the value. */
  | "absent"
  /** `SERVFAIL`, `REFUSED` … */
  | { readonly rcode: string }
  | { readonly silent: string }
  | { readonly unreachable: string };

/** From this look on, a family over which nobody has ever answered counts as one that this machine does not have. */
const PATIENCE = 3;

export interface Verdict {
  readonly done: boolean;
  readonly missing: readonly Sighting[];
  /** A family that was left out, though this machine claims to have it. */
  readonly remark?: string;
}

/**
 * Whether every server of every record has it. Servers of an address family over which nobody answers from here are
 * left out, where those of the other family all have it: a network without IPv6 is everyday, and no reason to wait.
 *
 * @param looks - how many times everybody has been asked
 */
export function judge(sightings: readonly Sighting[], looks: number): Verdict {
  const missing = sightings.filter(({ said }) => said !== "present");
  const [dead] = ([6, 4] as const).filter((family) => isDead(sightings, family, looks));
  const blocking = missing.filter(({ family }) => family !== dead);
  const covered = new Set(
    sightings.filter(({ family }) => family !== dead).map(({ record }) => record),
  );
  const done = blocking.length === 0 && sightings.every(({ record }) => covered.has(record));
  if (!done) return { done, missing };
  const silent = missing.some(({ said }) => typeof said === "object" && "silent" in said);
  if (!silent || dead === undefined) return { done, missing };
  return {
    done,
    missing,
    remark: `no name server answers over IPv${String(dead)} from here; only the others were looked at`,
  };
}

function isDead(sightings: readonly Sighting[], family: 4 | 6, looks: number): boolean {
  const own = sightings.filter((sighting) => sighting.family === family);
  return (
    own.length > 0 &&
    own.every(
      ({ said }) =>
        typeof said === "object" &&
        ("unreachable" in said || ("silent" in said && looks >= PATIENCE)),
    )
  );
}

const SHOWN = 8;

/** "ns2.example.com (192.0.2.2) does not have _acme-challenge.a.example yet; …", the same said once per server. */
export function describeMissing(missing: readonly Sighting[]): string {
  const groups = new Map<string, Set<string>>();
  for (const { server, record, said } of missing) {
    const words = `${server} ${wordsOf(said)}`;
    groups.set(words, (groups.get(words) ?? new Set()).add(record));
  }
  const lines = [...groups].map(([words, records]) => {
    const names = [...records];
    const shown = names.length <= 3 ? enumerate(names) : `${String(names.length)} records`;
    return words.replace("%", shown);
  });
  const more = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN), ...(more > 0 ? [`and ${String(more)} more`] : [])].join("; ");
}

/** `%` stands for the records. */
function wordsOf(said: Said): string {
  if (said === "present") return "has %";
  if (said === "absent") return "does not have % yet";
  if ("rcode" in said) return `answers ${said.rcode} for %`;
  return "silent" in said ? "does not answer for %" : "cannot be reached from here for %";
}
