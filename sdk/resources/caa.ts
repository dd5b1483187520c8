/** CAA records that bind a name to one account. Pure. */
import { domainToASCII } from "node:url";

import { issuerProblem } from "../util/issuer";

/** A CAA record, in the shape that DNS providers take. */
export interface CaaRecord {
  /** The record's name, without a trailing dot. */
  name: string;
  type: "CAA";
  /** 0: not critical. */
  flags: number;
  /** `issue`, or `issuewild` for a wildcard. */
  tag: "issue" | "issuewild";
  /** The CA's identity and its parameters: `letsencrypt.org; accounturi=https://…`. */
  value: string;
}

export interface CaaFacts {
  readonly directoryUrl: string;
  readonly accountUrl: string;
  readonly caaIdentities: readonly string[];
  readonly methods: readonly string[] | undefined;
}

/**
 * One record for each name by which the CA calls itself in CAA records.
 *
 * @throws Error when the CA names none, or what is none; when the account is not the CA's own; or `methods` is empty.
 * @see RFC 8659 §4, RFC 8657 §3 (accounturi), §4 (validationmethods)
 */
export function caaRecordsFor(dnsName: string, facts: CaaFacts): CaaRecord[] {
  const wildcard = dnsName.startsWith("*.");
  const name = domainToASCII(dnsName.replace(/^\*\./, "").replace(/\.$/, ""));
  if (name === "") throw new Error(`caaRecords: "${dnsName}" is not a DNS name`);
  if (facts.caaIdentities.length === 0) {
    throw new Error(
      `caaRecords for ${name}: the CA at ${facts.directoryUrl} does not say by which name CAA records call it; ` +
        "look for it in the CA's documentation, and write the record by hand",
    );
  }
  const problem = issuerProblem({ ...facts, identities: facts.caaIdentities });
  if (problem !== undefined) throw new Error(`caaRecords for ${name}: ${problem}`);
  // "validationmethods=" with nothing after it would forbid every method, RFC 8657 §4.
  if (facts.methods?.length === 0) {
    throw new Error(`caaRecords for ${name}: methods is empty; leave it out to allow every method`);
  }
  const methods =
    facts.methods === undefined ? "" : `; validationmethods=${facts.methods.join(",")}`;
  return facts.caaIdentities.map((identity) => ({
    name,
    type: "CAA",
    flags: 0,
    tag: wildcard ? "issuewild" : "issue",
    value: `${identity}; accounturi=${facts.accountUrl}${methods}`,
  }));
}
