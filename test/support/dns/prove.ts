/** From names to valid authorizations by one solver: what an issuance does with it. Test support of this folder. */
import {
  type AccountCredentials,
  type AcmeClient,
  getAuthorization,
  newOrder,
  pollAuthorization,
  respondToChallenge,
} from "../../../sdk/acme";
import { keyAuthorization } from "../../../sdk/util/challenge";
import type { PersistProof } from "../../../sdk/challenges/dns-persist-01";
import type { Solver, SolverContext } from "../../../sdk/challenges/solver";
import { dnsNames } from "../ca/issue";

/** The statuses of the authorizations, in the end, in the order of `names`. */
export async function prove(
  client: AcmeClient,
  credentials: AccountCredentials,
  names: readonly string[],
  solver: Solver,
  context: SolverContext,
): Promise<string[]> {
  const order = await newOrder(client, credentials, { identifiers: dnsNames(...names) });
  const authorizations = await Promise.all(
    order.authorizations.map((url) => getAuthorization(client, credentials, url)),
  );
  const tasks = authorizations.map((authorization) => {
    const challenge = authorization.challenges.find(({ type }) => type === solver.challengeType);
    if (challenge === undefined) throw new Error(`${solver.challengeType} is not offered`);
    const token = challenge.token ?? "";
    const proof: PersistProof = {
      identifier: authorization.identifier,
      wildcard: authorization.wildcard,
      type: challenge.type,
      token,
      keyAuthorization: keyAuthorization(token, credentials.key.thumbprint),
      ...(challenge.issuerDomainNames === undefined
        ? {}
        : { issuerDomainNames: challenge.issuerDomainNames }),
      accountUri: challenge.accountUri,
    };
    return { authorization, challenge, proof };
  });
  const presentation = await solver.present(
    tasks.map(({ proof }) => proof),
    context,
  );
  try {
    await Promise.all(
      tasks.map(({ challenge }) => respondToChallenge(client, credentials, challenge)),
    );
    const results = await Promise.all(
      tasks.map(({ authorization }) => pollAuthorization(client, credentials, authorization.url)),
    );
    return results.map(({ status }) => status);
  } finally {
    await presentation.cleanUp();
  }
}
