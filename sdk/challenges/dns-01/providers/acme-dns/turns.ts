/** Whose values stand at a subdomain: no more at once than the server keeps. The certificates of a run take turns. */
import { unlessAborted } from "../../../../util/abort";
import { ConfigurationError } from "../../../../util/errors";

/** The server keeps the last two values of a subdomain: enough for a domain and its wildcard. */
export const MAX_VALUES = 2;

interface Turn {
  readonly subdomain: string;
  readonly values: Set<string>;
  /** A certificate is known by its signal. */
  readonly owner: AbortSignal;
  readonly enter: () => void;
  entered: boolean;
}

/** Of all subdomains, in the order in which they came. */
const turns = new Set<Turn>();

/**
 * Waits until the server keeps `values` as long as `owner` needs them, which is until {@link endTurn}.
 *
 * @param busy - called where there is a wait
 * @throws {@link ConfigurationError} where one certificate needs too many, or certificates wait for each other
 */
export async function takeTurn(
  subdomain: string,
  values: readonly string[],
  owner: AbortSignal,
  busy: () => void,
): Promise<void> {
  let enter!: () => void;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const turn: Turn = { subdomain, values: new Set(values), owner, enter, entered: false };
  turns.add(turn);
  try {
    const own = at(subdomain).filter((each) => each.owner === owner);
    if (countOf(own) > MAX_VALUES) throw tooMany(countOf(own));
    admit(subdomain);
    if (turn.entered) return;
    if (comesAfter(turn, owner)) throw crossed();
    busy();
    await unlessAborted(owner, entered);
  } catch (error) {
    turns.delete(turn);
    admit(subdomain);
    throw error;
  }
}

/** Nobody needs `values` any more. */
export function endTurn(subdomain: string, values: readonly string[]): void {
  for (const turn of at(subdomain).filter(({ entered }) => entered)) {
    for (const value of values) turn.values.delete(value);
    if (turn.values.size === 0) turns.delete(turn);
  }
  admit(subdomain);
}

/** First come, first served; except that who holds one value gets his second before others get their first. */
function admit(subdomain: string): void {
  let isQueue = false;
  for (const turn of at(subdomain).filter(({ entered }) => !entered)) {
    const inside = at(subdomain).filter(({ entered }) => entered);
    const isInside = inside.some(({ owner }) => owner === turn.owner);
    turn.entered = countOf([...inside, turn]) <= MAX_VALUES && (isInside || !isQueue);
    if (turn.entered) turn.enter();
    else isQueue = true;
  }
}

/** Whether `turn` comes only when `owner` has finished, through however many others that wait as well. */
function comesAfter(turn: Turn, owner: AbortSignal, seen = new Set<Turn>()): boolean {
  if (seen.has(turn)) return false;
  seen.add(turn);
  const here = at(turn.subdomain);
  const before = here.filter(({ entered }, i) => entered || i < here.indexOf(turn));
  return before.some((one) => {
    if (one.owner === turn.owner) return false;
    if (one.owner === owner) return true;
    const waits = [...turns].filter((each) => each.owner === one.owner && !each.entered);
    return waits.some((each) => comesAfter(each, owner, seen));
  });
}

function at(subdomain: string): Turn[] {
  return [...turns].filter((turn) => turn.subdomain === subdomain);
}

function countOf(some: readonly Turn[]): number {
  return new Set(some.flatMap(({ values }) => [...values])).size;
}

function tooMany(count: number): Error {
  return new ConfigurationError(
    `acme-dns keeps ${String(MAX_VALUES)} values of a subdomain, and ${String(count)} are needed at once; register a subdomain for each domain, and give each a solver of its own with dnsNames`,
  );
}

function crossed(): Error {
  return new ConfigurationError(
    `acme-dns keeps ${String(MAX_VALUES)} values of a subdomain, and certificates of this run wait for each other's; run it again, or register subdomains for each certificate`,
  );
}
