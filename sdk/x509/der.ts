/** Enough of DER to find an element's octets. Pure. */

/** Identifier octets of universal types. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  objectIdentifier: 0x06,
  sequence: 0x30,
} as const;

export interface Element {
  readonly tag: number;
  /** Where its content begins and where the element ends, in the given octets. */
  readonly start: number;
  readonly end: number;
}

/**
 * The element at `offset`: tag, length and bounds are checked, the content is not.
 *
 * @throws RangeError for what is not definite-length DER within the octets.
 * @see ITU-T X.690 §10.1
 */
export function readElement(der: Uint8Array, offset: number): Element {
  const tag = octet(der, offset);
  const first = octet(der, offset + 1);
  let length = first;
  let start = offset + 2;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count === 0 || count > 4) throw new RangeError("not a definite length");
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + octet(der, start + index);
    start += count;
  }
  if (start + length > der.length) throw new RangeError("an element reaches beyond the end");
  return { tag, start, end: start + length };
}

/** The elements within a constructed one, in their order. */
export function readChildren(der: Uint8Array, parent: Element): Element[] {
  const children: Element[] = [];
  for (let offset = parent.start; offset < parent.end;) {
    const child = readElement(der, offset);
    if (child.end > parent.end) throw new RangeError("an element reaches beyond its parent");
    children.push(child);
    offset = child.end;
  }
  return children;
}

function octet(der: Uint8Array, offset: number): number {
  const value = der[offset];
  if (value === undefined) throw new RangeError("the octets end too early");
  return value;
}
