/** Challenges that the records of an order answer: nothing is presented, but the records are waited for. */
import { messageOf } from "../util/errors";
import type { Propagation } from "./dns-01/propagation";
import { dns01Solver } from "./dns-01/solver";
import { ChallengeError, type Solver } from "./solver";

/** The challenges that somebody else can answer with nothing but data. */
export type PreparedChallenge = "dns-01" | "http-01";

export interface PreparedOptions {
  readonly challengeType: PreparedChallenge;
  readonly propagation?: Propagation;
  /** `ip:port`, where `propagation` names none; default: this machine's. */
  readonly resolvers?: readonly string[];
}

/**
 * Waits until the records of all proofs are visible, and leaves them: they are the user's resources. http-01 is checked
 * by the preflight.
 *
 * @throws {@link ChallengeError} for records that do not appear in time
 */
export function prepared(options: PreparedOptions): Solver {
  const { challengeType, ...dns } = options;
  return {
    challengeType,
    label: `${challengeType} by the records of the order`,
    present: async (proofs, context) => {
      if (challengeType === "http-01") return { cleanUp: () => Promise.resolve() };
      try {
        // No provider: nothing is added. CNAMEs are followed to find the records.
        const wait = dns01Solver({ provider: [], followCname: false, ...dns });
        return await wait.present(proofs, context);
      } catch (error) {
        context.signal.throwIfAborted();
        throw new ChallengeError(
          `${messageOf(error)}; the certificate of an order comes after its records (dependsOn)`,
          { cause: error },
        );
      }
    },
  };
}
