/** dns-persist-01: presents nothing, and waits for the permanent record. */
import { messageOf } from "../../util/errors";
import { type Propagation, waitForPropagation } from "../dns-01/propagation";
import { ChallengeError, type Proof, type Solver } from "../solver";
import { type Expectation, expectedRecord } from "./expectation";

/** A proof with what this challenge brings in the place of a token. */
export interface PersistProof extends Proof {
  readonly issuerDomainNames?: readonly string[];
  readonly accountUri?: string;
}

export interface DnsPersistSolverOptions {
  /** Exactly as the CA wrote it. */
  readonly accountUrl: string;
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
  /** Of the directory's `meta`, draft -02. */
  readonly accountHashPrefix?: string;
  readonly propagation?: Propagation;
  readonly resolvers?: readonly string[];
  /** Of authoritative servers; others than 53 are for tests. */
  readonly port?: number;
}

/**
 * Waits until each name's record is visible, since it may have been created in this run. Adds and removes nothing.
 *
 * @see draft-ietf-acme-dns-persist
 */
export function dnsPersist01Solver(options: DnsPersistSolverOptions): Solver {
  return {
    challengeType: "dns-persist-01",
    label: "dns-persist-01, by a permanent record",
    present: async (proofs: readonly PersistProof[], context) => {
      const expected = proofs.map((proof) =>
        expectedRecord({
          domain: proof.identifier.value,
          wildcard: proof.wildcard,
          accountUrl: options.accountUrl,
          thumbprint: options.thumbprint,
          issuerDomainNames: proof.issuerDomainNames ?? [],
          accountUri: proof.accountUri,
          accountHashPrefix: options.accountHashPrefix,
        }),
      );
      const { propagation = {}, port } = options;
      const resolvers = propagation.resolvers ?? options.resolvers;
      const records = expected.map(({ name, example, objection }) => ({
        name,
        value: example,
        matches: (text: string) => objection(text, Date.now()) === undefined,
      }));
      try {
        await waitForPropagation(records, { ...propagation, resolvers }, { ...context, port });
      } catch (error) {
        context.signal.throwIfAborted();
        const wanted = wantedRecords(expected, proofs);
        throw new ChallengeError(
          `dns-persist-01 needs the permanent records ${wanted}: ${messageOf(error)}`,
          { cause: error },
        );
      }
      return { cleanUp: () => Promise.resolve() };
    },
  };
}

/** One record serves a domain and its wildcard: that of the wildcard. */
function wantedRecords(expected: readonly Expectation[], proofs: readonly PersistProof[]): string {
  const examples = new Map<string, string>();
  for (const [index, { name, example }] of expected.entries()) {
    if (!examples.has(name) || proofs[index]?.wildcard === true) examples.set(name, example);
  }
  return [...examples].map(([name, example]) => `${name} TXT "${example}"`).join(", ");
}
