/** One part of the bench: what it found, in words. */
import type { Target } from "./targets";

export interface Section {
  readonly title: string;
  readonly text: string;
  readonly targets: readonly Target[];
}

/** Told now and then how far it has come. */
export type Say = (line: string) => void;
