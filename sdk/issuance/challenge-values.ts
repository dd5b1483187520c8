/** What has to be created, and where, so that an order's names are proven. Pure. */
import { type Authorization, type Order, wantedIdentifier } from "../acme";
import {
  dns01RecordName,
  dns01RecordValue,
  http01Path,
  keyAuthorization,
  NONE_REQUIRED,
} from "../util/challenge";
import { enumerate } from "../util/text";
import type { PreparedChallenge } from "../challenges/prepared";
import { UnusableOrderError } from "./request";
import { describeFailed, describeSpent, spentError } from "./spent";

export interface ChallengeValue {
  /** As in the order: with `*.` for a wildcard. */
  readonly dnsName: string;
  /** dns-01: the TXT record's name. http-01: the path on port 80. */
  readonly name: string;
  /** dns-01: the TXT record's value. http-01: the body. */
  readonly value: string;
}

/**
 * One entry for each name. A name that is proven already keeps its last value, so that its record stays as it is.
 *
 * @throws {@link UnusableOrderError} `spent`, or `unanswerable`, naming every name that cannot be answered so
 */
export function challengeValues(
  order: Order,
  authorizations: readonly Authorization[],
  challenge: PreparedChallenge,
  thumbprint: string,
  former: readonly ChallengeValue[],
): ChallengeValue[] {
  const complaints: string[] = [];
  const spent: string[] = [];
  const values = authorizations.map((authorization) => {
    const { value: dnsName } = wantedIdentifier(authorization);
    if (authorization.status === "valid") {
      return former.find((value) => value.dnsName === dnsName) ?? unneeded(dnsName, challenge);
    }
    const offer = authorization.challenges.find(({ type }) => type === challenge);
    const token = offer?.token;
    if (authorization.status !== "pending") {
      spent.push(describeSpent(authorization));
    } else if (offer?.status === "invalid") {
      spent.push(describeFailed(dnsName, offer));
    } else if (token === undefined) {
      const offered = enumerate(authorization.challenges.map(({ type }) => type));
      complaints.push(`${dnsName}: the CA offers ${offered === "" ? "no challenge" : offered}`);
    }
    return answer(dnsName, challenge, keyAuthorization(token ?? "", thumbprint), token ?? "");
  });
  if (spent.length > 0) throw spentError(order, spent.join("; "));
  if (complaints.length > 0) {
    throw new UnusableOrderError(
      "unanswerable",
      `acme: the order cannot be answered by ${challenge}: ${complaints.join("; ")}`,
    );
  }
  return values.sort((a, b) => (a.dnsName < b.dnsName ? -1 : 1));
}

function answer(
  dnsName: string,
  challenge: PreparedChallenge,
  authorization: string,
  token: string,
): ChallengeValue {
  if (challenge === "http-01") {
    return { dnsName, name: http01Path(token), value: authorization };
  }
  return { dnsName, name: dns01RecordName(dnsName), value: dns01RecordValue(authorization) };
}

function unneeded(dnsName: string, challenge: PreparedChallenge): ChallengeValue {
  const name = challenge === "http-01" ? http01Path(NONE_REQUIRED) : dns01RecordName(dnsName);
  return { dnsName, name, value: NONE_REQUIRED };
}
