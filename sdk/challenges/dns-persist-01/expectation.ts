/** Which record a dns-persist-01 challenge asks for, in each of the drafts that CAs speak. Pure. */
import { parseIssueValue } from "../../dns/caa-records";
import { isIssuerName, isOwnAccount } from "../../util/issuer";
import { ChallengeError } from "../solver";
import { accountHashUri, persistentDnsRecord, persistentRecordName } from "./record";

/** What the challenge, the directory and the account say. */
export interface PersistFacts {
  /** Without `*.`. */
  readonly domain: string;
  readonly wildcard: boolean;
  readonly accountUrl: string;
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
  /** The challenge's `issuer-domain-names` (drafts -00 and -01) or `issuerDomainNames` (-02). */
  readonly issuerDomainNames: readonly string[];
  /** The challenge's `accounturi`: draft -01. */
  readonly accountUri?: string;
  /** The directory's `accountHashPrefix`: draft -02. */
  readonly accountHashPrefix?: string;
}

export interface Expectation {
  readonly name: string;
  /** One that would do, to be shown to people. */
  readonly example: string;
  /** Why a TXT record does not prove the name at `now`, in milliseconds; `undefined` when it does. */
  readonly objection: (text: string, now: number) => string | undefined;
}

const MAX_ISSUERS = 10;

/** @throws {@link ChallengeError} for a challenge whose issuer names are not as the drafts demand, or that is for another CA's account */
export function expectedRecord(facts: PersistFacts): Expectation {
  const { domain, wildcard, issuerDomainNames } = facts;
  const shown = wildcard ? `*.${domain}` : domain;
  const [issuer] = issuerDomainNames;
  const invalid = issuerDomainNames.find((name) => !isIssuerName(name));
  if (issuer === undefined || issuerDomainNames.length > MAX_ISSUERS || invalid !== undefined) {
    const why =
      invalid === undefined
        ? `${String(issuerDomainNames.length)} issuer-domain-names, where 1 to ${String(MAX_ISSUERS)} are allowed`
        : "issuer-domain-names with one that is not a lower-case DNS name";
    throw new ChallengeError(`dns-persist-01 for ${shown}: the CA's challenge has ${why}`);
  }
  const { accountUri, accountUrl } = facts;
  // The record that is wanted is shown to the user, who may create it.
  if (accountUri !== undefined && !isOwnAccount(accountUri, accountUrl)) {
    throw new ChallengeError(
      `dns-persist-01 for ${shown}: the CA's challenge is for the account ${accountUri}, and the account is ${accountUrl}`,
    );
  }
  const accounts = accountUrisOf(facts);
  const { value } = persistentDnsRecord(domain, {
    issuerDomainName: issuer,
    accountUri: accounts[0] ?? accountUrl,
    wildcard,
  });
  return {
    name: persistentRecordName(domain),
    example: value,
    objection: (text, now) => objection(text, now, { issuerDomainNames, accounts, wildcard }),
  };
}

/** Draft -02 binds a hash to the domain or to `*`; -01 names the account in the challenge; -00 means its URL. */
function accountUrisOf(facts: PersistFacts): readonly string[] {
  const { accountUri, accountHashPrefix, accountUrl, domain, thumbprint } = facts;
  if (accountUri !== undefined) return [accountUri];
  if (accountHashPrefix === undefined) return [accountUrl];
  return [domain, "*"].map((bound) =>
    accountHashUri(accountHashPrefix, bound, thumbprint, accountUrl),
  );
}

function objection(
  text: string,
  now: number,
  expected: {
    readonly issuerDomainNames: readonly string[];
    readonly accounts: readonly string[];
    readonly wildcard: boolean;
  },
): string | undefined {
  // An empty parameter is malformed here, unlike in what CAs read of CAA.
  const parsed = /;\s*(;|$)/.test(text) ? undefined : parseIssueValue(text);
  if (parsed === undefined) return "it cannot be read";
  if (!expected.issuerDomainNames.includes(parsed.issuer)) return "it is another CA's";
  const tags = parsed.parameters.map(([tag]) => tag);
  if (new Set(tags).size < tags.length) return "it has a parameter twice";
  const parameters = new Map(parsed.parameters);
  const account = parameters.get("accounturi");
  if (account === undefined || !expected.accounts.includes(account)) {
    return "it is another account's";
  }
  if (expected.wildcard && parameters.get("policy")?.toLowerCase() !== "wildcard") {
    return "it does not allow the wildcard: it lacks policy=wildcard";
  }
  const until = parameters.get("persistuntil");
  if (until === undefined) return undefined;
  if (!/^\d+$/.test(until)) return "its persistUntil is not a number";
  return Number(until) * 1000 <= now ? "its persistUntil has passed" : undefined;
}
