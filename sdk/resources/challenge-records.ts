/** The records and files of an order, as plain lists: names from the arguments, values from what the CA said. */
import * as pulumi from "@pulumi/pulumi";

import { challengeKey, dns01RecordName, http01Path, NONE_REQUIRED } from "../util/challenge";
import { normalizeDnsName, withoutWildcard } from "../util/names";

/** Name and value of the record or file for one challenge. */
export interface ChallengeValue {
  /** A name for your resource: the order's name and the DNS name, with `_wildcard` for `*`. */
  key: string;
  /** The DNS name that it validates, as in the order. */
  dnsName: string;
  /** `dns-01`: name of the TXT record, without a trailing dot. `http-01`: the path on port 80. */
  name: string;
  /** `dns-01`: value of the TXT record. `http-01`: the whole body. */
  value: string;
}

/** A TXT record that validates one name. */
export interface DnsChallengeRecord {
  /** A name for your resource: the order's name and the DNS name, with `_wildcard` for `*`. It does not depend on the list's order. */
  readonly key: string;
  /** The DNS name that it validates. */
  readonly dnsName: string;
  /** The record's name, without a trailing dot. A name and its wildcard share one. */
  readonly name: string;
  readonly type: "TXT";
  /** Known once the order is placed. If the CA still considers the name validated: the last value, or `none-required`. */
  readonly value: pulumi.Output<string>;
}

/** All TXT records of one name, for DNS providers with record sets. */
export interface DnsChallengeRecordSet {
  /** A name for your resource: the order's name and the DNS name without `*.`. */
  readonly key: string;
  /** The records' name, without a trailing dot. */
  readonly name: string;
  readonly type: "TXT";
  /** Distinct, at least one. Known once the order is placed. */
  readonly values: pulumi.Output<string[]>;
}

/** A file that validates one name. */
export interface HttpChallengeResource {
  /** A name for your resource: the order's name and the DNS name. */
  readonly key: string;
  /** The DNS name that it validates, and the host that serves it. */
  readonly dnsName: string;
  /** Absolute path on port 80. Known once the order is placed. */
  readonly path: pulumi.Output<string>;
  /** The whole body. Known once the order is placed. */
  readonly body: pulumi.Output<string>;
}

type Values = pulumi.Output<ChallengeValue[] | undefined>;

/**
 * The names of an order as the CA will know them, each once, in the program's order.
 *
 * @throws Error for names that are not known yet: there would be no list to make records from
 */
export function plainDnsNames(what: string, dnsNames: unknown): string[] {
  const later = (value: unknown): boolean =>
    pulumi.Output.isInstance(value) || value instanceof Promise;
  const list: unknown[] = Array.isArray(dnsNames) ? dnsNames : [];
  const index = list.findIndex(later);
  if (later(dnsNames) || index >= 0) {
    const path = index >= 0 ? `dnsNames[${String(index)}]` : "dnsNames";
    throw new Error(
      `${what}: ${path} is an Output or a promise; names must be plain texts, because the list of records is made from them ` +
        "before anything runs. Take them from the program or from pulumi.Config; where they are known only later, " +
        "create the order inside of their .apply(), and use its output `challenges`",
    );
  }
  // What is no text, or no name, is left to `check`, which says so for all arguments at once.
  const names = list.filter((item) => typeof item === "string").map(normalised);
  return [...new Set(names)];
}

function normalised(text: string): string {
  const result = normalizeDnsName(text);
  return "value" in result ? result.value : text;
}

export function dnsRecordsOf(
  order: string,
  dnsNames: readonly string[],
  values: Values,
): DnsChallengeRecord[] {
  return dnsNames.map((dnsName) => ({
    key: challengeKey(order, dnsName),
    dnsName,
    name: dns01RecordName(dnsName),
    type: "TXT",
    value: values.apply((list) => valueOf(list, dnsName)),
  }));
}

export function dnsRecordSetsOf(
  order: string,
  dnsNames: readonly string[],
  values: Values,
): DnsChallengeRecordSet[] {
  const bases = [...new Set(dnsNames.map(withoutWildcard))];
  return bases.map((base) => ({
    key: challengeKey(order, base),
    name: dns01RecordName(base),
    type: "TXT",
    values: values.apply((list) =>
      distinct(
        dnsNames
          .filter((dnsName) => withoutWildcard(dnsName) === base)
          .map((dnsName) => valueOf(list, dnsName)),
      ),
    ),
  }));
}

export function httpResourcesOf(
  order: string,
  dnsNames: readonly string[],
  values: Values,
): HttpChallengeResource[] {
  return dnsNames.map((dnsName) => ({
    key: challengeKey(order, dnsName),
    dnsName,
    path: values.apply((list) => find(list, dnsName)?.name ?? http01Path(NONE_REQUIRED)),
    body: values.apply((list) => valueOf(list, dnsName)),
  }));
}

/* Under mocks, in users' own tests, there is no list. */
function find(list: ChallengeValue[] | undefined, dnsName: string): ChallengeValue | undefined {
  return list?.find((value) => value.dnsName === dnsName);
}

function valueOf(list: ChallengeValue[] | undefined, dnsName: string): string {
  return find(list, dnsName)?.value ?? NONE_REQUIRED;
}

/** A set needs a value; what stands for none is in it only where there is no other. */
function distinct(values: readonly string[]): string[] {
  const needed = values.filter((value) => value !== NONE_REQUIRED);
  return needed.length === 0 ? [NONE_REQUIRED] : [...new Set(needed)].sort();
}
