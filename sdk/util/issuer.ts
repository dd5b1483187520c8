/** What a CA says of itself and of an account, before it stands in a record that lets somebody issue. Pure. */

/** The issuer's name in CAA records and those of dns-persist-01: a DNS name in lower case. */
export function isIssuerName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name)
  );
}

/** RFC 8659 §4.2: a value has no spaces and no semicolon; quotes and backslashes mean something in zone files. */
export function fitsIntoRecord(accountUri: string): boolean {
  return /^[\x21\x23-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(accountUri);
}

/**
 * Whether the account is the CA's own. A small CA could give an account the URL of somebody's account at a large one: a
 * record with that would let *him* issue there.
 */
export function isOwnAccount(accountUrl: string, directoryUrl: string): boolean {
  return (
    URL.canParse(accountUrl) &&
    URL.canParse(directoryUrl) &&
    new URL(accountUrl).origin === new URL(directoryUrl).origin
  );
}

/** Why records must not be made of these facts; `undefined` where they may. */
export function issuerProblem(facts: {
  readonly directoryUrl: string;
  readonly accountUrl: string;
  readonly identities: readonly string[];
}): string | undefined {
  const { directoryUrl, accountUrl, identities } = facts;
  const strange = identities.find((identity) => !isIssuerName(identity.toLowerCase()));
  if (strange !== undefined) {
    return `the CA at ${directoryUrl} calls itself ${JSON.stringify(strange)}, which is not a DNS name`;
  }
  if (isOwnAccount(accountUrl, directoryUrl) && fitsIntoRecord(accountUrl)) return undefined;
  return `the CA at ${directoryUrl} gives the account the URL ${JSON.stringify(accountUrl)}, which is not one of its own; such a record could be for an account at another CA: write it by hand if it is right`;
}
