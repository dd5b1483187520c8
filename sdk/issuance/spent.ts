/** Authorizations that had failed or ended before anything was answered. Pure. */
import {
  type Authorization,
  type Challenge,
  describeProblem,
  nameList,
  type Order,
  wantedIdentifier,
} from "../acme";
import { instant } from "../util/instant";
import { UnusableOrderError } from "./request";

/**
 * The order cannot be answered: only another one can, if the CA gives that one other authorizations.
 *
 * @see ndilieto/uacme#78
 */
export function spentError({ url, identifiers }: Order, reasons: string): UnusableOrderError {
  return new UnusableOrderError(
    "spent",
    `acme: the order for ${nameList(identifiers)} (${url}) cannot lead to a certificate: ${reasons}`,
  );
}

/** `the CA's authorization of a.example was invalid from the start (http-01: connection: refused), and the CA keeps it until …`. */
export function describeSpent(authorization: Authorization): string {
  const { status, expires, challenges } = authorization;
  const words = challenges.flatMap((challenge) => wordsOf(challenge) ?? []).join("; ");
  const until = Date.parse(expires ?? "");
  const keeps =
    status === "invalid" && !Number.isNaN(until) ? `; the CA keeps it until ${instant(until)}` : "";
  const { value } = wantedIdentifier(authorization);
  return `its authorization of ${value} was ${status} before anything was answered${words === "" ? "" : ` (${words})`}${keeps}`;
}

/** What the CA said of a challenge that failed. */
function wordsOf({ type, error }: Challenge): string | undefined {
  return error === undefined ? undefined : `${type}: ${describeProblem(error)}`;
}

export function describeFailed(name: string, challenge: Challenge): string {
  const words = wordsOf(challenge) ?? `${challenge.type}: without a reason`;
  return `the challenge of ${name} had failed before it was answered (${words})`;
}
