/** Names as they stand in messages. Pure. @see RFC 1035 §3.1, §4.1.4 */

/** More pointers and labels than these go round. */
const MAX_STEPS = 256;

/** The labels of the name at `at`, and where it ends. Compression is followed. @throws RangeError for no name */
export function labelsAt(
  message: Buffer,
  at: number,
): { readonly labels: readonly string[]; readonly end: number } {
  const labels: string[] = [];
  let end: number | undefined;
  for (let position = at, steps = 0; steps < MAX_STEPS; steps++) {
    const length = message.readUInt8(position);
    if (length === 0) return { labels, end: end ?? position + 1 };
    if (length >= 0xc0) {
      end ??= position + 2;
      position = message.readUInt16BE(position) & 0x3fff;
    } else {
      labels.push(message.toString("latin1", position + 1, position + 1 + length));
      position += 1 + length;
    }
  }
  throw new RangeError("a name without end");
}

/** Those whose data are one name. */
const NAMING = new Map([
  [2, "NS"],
  [5, "CNAME"],
  [39, "DNAME"],
]);

/**
 * Refuses names that are not made of letters, digits, `-` and `_`: they go to users' programs and into messages, and a
 * label with a dot inside would be read as two.
 *
 * @throws Error naming the first in an answer or an authority record
 */
export function checkNames(message: Buffer): void {
  const [questions = 0, answers = 0, authorities = 0] = [4, 6, 8].map((at) =>
    message.readUInt16BE(at),
  );
  let at = 12;
  for (let i = 0; i < questions; i++) at = labelsAt(message, at).end + 4;
  for (let i = 0; i < answers + authorities; i++) {
    const owner = labelsAt(message, at);
    const type = NAMING.get(message.readUInt16BE(owner.end));
    checkLabels("a record", owner.labels);
    if (type !== undefined) checkLabels(`a ${type}`, labelsAt(message, owner.end + 10).labels);
    at = owner.end + 10 + message.readUInt16BE(owner.end + 8);
  }
}

function checkLabels(what: string, labels: readonly string[]): void {
  if (labels.every((label) => /^([\w-]+|\*)$/.test(label))) return;
  throw new Error(`${what} with the name ${JSON.stringify(labels.join("."))}`);
}
