/** Issuance with the proof left to a solver, as the layers above do it. */
import {
  finalizeOrder,
  downloadCertificate,
  getAuthorization,
  newOrder,
  pollAuthorization,
  pollOrder,
  respondToChallenge,
  type AccountCredentials,
  type AcmeIdentifier,
  type AcmeClient,
} from "../../../sdk/acme";
import { keyAuthorization } from "../../../sdk/util/challenge";
import type { Presentation, Proof, Solver } from "../../../sdk/challenges/solver";
import { context } from "./proofs";
import { certificateRequest } from "./certificate-request";

export interface Proving {
  readonly client: AcmeClient;
  readonly credentials: AccountCredentials;
  readonly solver: Solver;
  /** Between presenting and asking the CA. */
  readonly beforeAsking?: (proofs: readonly Proof[], presentation: Presentation) => Promise<void>;
}

/** Orders, presents by the solver, asks the CA, cleans up, and gives the certificate, PEM. */
export async function issueBy(
  proving: Proving,
  identifiers: readonly AcmeIdentifier[],
): Promise<string> {
  const { client, credentials } = proving;
  const order = await newOrder(client, credentials, {
    identifiers: [...identifiers],
    profile: "default",
  });
  await proveAll(proving, order.authorizations);
  const { csrDer } = await certificateRequest([...identifiers]);
  let current = await finalizeOrder(client, credentials, order, csrDer);
  if (current.status !== "valid") {
    const isValid = ({ status }: { status: string }): boolean => status === "valid";
    current = await pollOrder(client, credentials, order, isValid);
  }
  const { chainPem } = await downloadCertificate(client, credentials, current.certificate ?? "");
  return chainPem;
}

async function proveAll(proving: Proving, urls: readonly string[]): Promise<void> {
  const { client, credentials, solver, beforeAsking } = proving;
  const authorizations = await Promise.all(
    urls.map((url) => getAuthorization(client, credentials, url)),
  );
  const tasks = authorizations
    // Pebble uses one in a hundred again, even when told not to.
    .filter(({ status }) => status === "pending")
    .map(({ url, identifier, challenges }) => {
      const challenge = challenges.find(({ type }) => type === solver.challengeType);
      const token = challenge?.token;
      if (challenge === undefined || token === undefined) throw new Error("not offered");
      const proof: Proof = {
        identifier,
        wildcard: false,
        type: solver.challengeType,
        token,
        keyAuthorization: keyAuthorization(token, credentials.key.thumbprint),
      };
      return { url, challenge, proof };
    });
  if (tasks.length === 0) return;
  const proofs = tasks.map(({ proof }) => proof);
  const presentation = await solver.present(proofs, context());
  try {
    await beforeAsking?.(proofs, presentation);
    await Promise.all(
      tasks.map(({ challenge }) => respondToChallenge(client, credentials, challenge)),
    );
    const results = await Promise.all(
      tasks.map(({ url }) => pollAuthorization(client, credentials, url)),
    );
    for (const { status, challenges } of results) {
      if (status === "valid") continue;
      const problem = challenges.find(({ type }) => type === solver.challengeType)?.error;
      throw new Error(`${status}: ${problem?.detail ?? ""}`);
    }
  } finally {
    await presentation.cleanUp();
  }
}
