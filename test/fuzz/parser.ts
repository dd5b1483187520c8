type ErrorClass = abstract new (...args: never[]) => Error;

/** Something that reads text, or octets as Latin-1. */
export interface Parser {
  readonly name: string;
  readonly read: (text: string) => unknown;
  /** Some that it reads: others are made from them. */
  readonly examples: readonly string[];
  /** How it refuses; default: it always gives a value. */
  readonly errors?: readonly ErrorClass[];
  /** What a long text may begin with: the marks behind which a reader looks for an end. */
  readonly openings?: readonly string[];
  /** Whether all that it reads is secret: none of it may stand in an error. */
  readonly isSecret?: boolean;
}
