/** How much is tried: a little in `npm test`, always the same; as much as one likes in `npm run fuzz`. */
import fc from "fast-check";

const RUNS = process.env["FUZZ_RUNS"];
const SHORT_RUNS = 150;

/** Without `FUZZ_RUNS` the seed is fixed, so that a failure is the change's and no chance. A failure prints its seed. */
export const parameters: { readonly numRuns: number; readonly seed?: number } =
  RUNS === undefined ? { numRuns: SHORT_RUNS, seed: 8555 } : { numRuns: Number(RUNS) };

/** For a test of so many runs. */
export const TIMEOUT_MS = 60_000 + parameters.numRuns * 100;

/** Characters with a meaning somewhere, and such as one would not expect. */
const MARKS = Array.from(
  "<>(){}[]\"'\\/-_.,:;=*+?|#$%@!&~^` \t\r\n\0\u001b\u0085\u202e\u2028\u00e9",
);

const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(12),
  put: fc.oneof(
    fc.constantFrom(...MARKS, ""),
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.tuple(fc.constantFrom(...MARKS), fc.nat(3000)).map(([mark, times]) => mark.repeat(times)),
  ),
});

/** An example with some changes, or anything. */
export function textLike(examples: readonly string[]): fc.Arbitrary<string> {
  const changed = fc
    .tuple(fc.constantFrom(...examples, ""), fc.array(change, { maxLength: 6 }))
    .map(([example, changes]) =>
      changes.reduce((text, { at, removed, put }) => {
        const place = Math.floor(at * text.length);
        return text.slice(0, place) + put + text.slice(place + removed);
      }, example),
    );
  return fc.oneof({ weight: 4, arbitrary: changed }, fc.string({ unit: "binary" }));
}
