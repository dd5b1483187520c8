/** Proofs, records and surroundings for tests of DNS challenges. Test support of this folder. */
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";

import { vi } from "vitest";

import type { AddContext, DnsRecord } from "../../../sdk/challenges/dns-01";
import type { Proof } from "../../../sdk/challenges/solver";
import { dns01RecordValue } from "../../../sdk/util/challenge";

export function dnsProof(domain: string, wildcard = false, type = "dns-01"): Proof {
  const token = randomBytes(32).toString("base64url");
  return {
    identifier: { type: "dns", value: domain },
    wildcard,
    type,
    token,
    keyAuthorization: `${token}.${randomBytes(32).toString("base64url")}`,
  };
}

export function valueOf(proof: Proof): string {
  return dns01RecordValue(proof.keyAuthorization);
}

/** The record that proves `domain`, under its own name. */
export function dnsRecord(domain: string): DnsRecord {
  const { token, keyAuthorization } = dnsProof(domain);
  return {
    name: `_acme-challenge.${domain}`,
    value: dns01RecordValue(keyAuthorization),
    ttl: 60,
    domain,
    token,
    keyAuthorization,
  };
}

export function solverContext() {
  const { signal } = new AbortController();
  // As those of an issuance: many questions wait with one signal.
  setMaxListeners(0, signal);
  return { signal, progress: vi.fn(), warn: vi.fn() };
}

export function providerContext(followedCname = true): AddContext {
  return { ...solverContext(), followedCname, mayAdd: vi.fn(), notAdded: vi.fn() };
}
