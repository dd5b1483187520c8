/** Alternatives of which a program gives one. */

/** Exactly one of the members of `T`: none, or two at once, do not compile. */
export type OneOf<T> = {
  [K in keyof T]-?: { [P in K]-?: T[P] } & { [P in Exclude<keyof T, K>]?: undefined };
}[keyof T];
