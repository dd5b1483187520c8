/** Random choices that a seed repeats. */
import { createHash } from "node:crypto";

export interface Random {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  oneOf<T>(values: readonly T[]): T;
  /** True with this probability. */
  chance(probability: number): boolean;
}

export function seededRandom(seed: number): Random {
  let count = 0;
  const next = (): number => {
    const digest = createHash("sha256")
      .update(`${String(seed)} ${String(count++)}`)
      .digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
  return {
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    oneOf: (values) => values[Math.floor(next() * values.length)] as (typeof values)[number],
    chance: (probability) => next() < probability,
  };
}
