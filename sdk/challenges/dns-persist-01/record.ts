/**
 * The permanent record of dns-persist-01. Pure; loads nothing heavy, because accounts offer it as a method.
 *
 * @see draft-ietf-acme-dns-persist
 */
import { createHash } from "node:crypto";

import { ConfigurationError } from "../../util/errors";
import { fitsIntoRecord } from "../../util/issuer";
import { normalizeDnsName } from "../../util/names";

/** A TXT record, in the shape that DNS providers take. */
export interface PersistentDnsRecord {
  /** Without a trailing dot. */
  readonly name: string;
  readonly type: "TXT";
  /** The CA's name and its parameters: `ca.example; accounturi=https://…`. */
  readonly value: string;
}

export interface PersistentDnsRecordFacts {
  /** One of the CA's names: those of the challenge, or of its directory's `caaIdentities`. */
  readonly issuerDomainName: string;
  /** The account's URL, exactly as the CA wrote it; or what the CA wants in its place, see {@link accountHashUri}. */
  readonly accountUri: string;
  /** Also allows `*.<name>`, and with some CAs every name below. Default: false. */
  readonly wildcard?: boolean;
  /** RFC 3339: from then on the record proves nothing. Default: it does not expire. */
  readonly persistUntil?: string;
}

/**
 * The record that lets one account prove `dnsName` at one CA, permanently.
 *
 * @throws {@link ConfigurationError} for an invalid DNS name, a wildcard without `wildcard: true`, an invalid instant, or
 * an account URI that a record cannot hold
 */
export function persistentDnsRecord(
  dnsName: string,
  facts: PersistentDnsRecordFacts,
): PersistentDnsRecord {
  const { issuerDomainName, accountUri, wildcard = false, persistUntil } = facts;
  const normalized = normalizeDnsName(dnsName);
  if ("problem" in normalized)
    throw new ConfigurationError(`dns-persist-01: ${normalized.problem}`);
  const name = normalized.value;
  if (name.startsWith("*.") && !wildcard) {
    throw new ConfigurationError(
      `dns-persist-01 for ${name}: the record would not allow a wildcard; say wildcard: true, which lets the account prove it permanently`,
    );
  }
  if (!fitsIntoRecord(accountUri)) {
    throw new ConfigurationError(
      `dns-persist-01 for ${name}: the account's URI "${accountUri}" cannot be written into a record`,
    );
  }
  const value = [
    issuerDomainName.toLowerCase().replace(/\.$/, ""),
    `accounturi=${accountUri}`,
    ...(wildcard ? ["policy=wildcard"] : []),
    ...(persistUntil === undefined ? [] : [`persistUntil=${unixSeconds(name, persistUntil)}`]),
  ].join("; ");
  return { name: persistentRecordName(name), type: "TXT", value };
}

/** The record's name: the same for a domain and its wildcard. */
export function persistentRecordName(domain: string): string {
  return `_validation-persist.${domain.replace(/^\*\./, "").toLowerCase()}`;
}

/**
 * What stands for the account in draft -02: a hash of the domain, or `*` for any, of the account's key and of its URL.
 *
 * @param prefix - `accountHashPrefix` of the CA's directory
 * @param thumbprint - RFC 7638, base64url
 */
export function accountHashUri(
  prefix: string,
  domain: string,
  thumbprint: string,
  accountUrl: string,
): string {
  const digest = createHash("sha256")
    .update(Buffer.from([Buffer.byteLength(domain)]))
    .update(domain + thumbprint + accountUrl)
    .digest("base64url");
  return `${prefix}sha-256/${digest}`;
}

function unixSeconds(name: string, instant: string): string {
  const time = Date.parse(instant);
  if (/^\d{4}-\d\d-\d\dT/.test(instant) && !Number.isNaN(time))
    return String(Math.floor(time / 1000));
  throw new ConfigurationError(
    `dns-persist-01 for ${name}: persistUntil "${instant}" is not an RFC 3339 instant such as 2026-01-02T03:04:05Z`,
  );
}
