/** How urgent a certificate is, from what is stored and the time. Pure. */
import { describeSpan } from "../../util/duration";
import type { StoredCertificate, StoredDeployment } from "./certificates";

/** In the order of their urgency. */
export const STATES = ["ok", "due", "warning", "critical", "expired"] as const;
export type CertificateState = (typeof STATES)[number];

/** What a service answered with, where it was asked. */
export interface Served {
  /** `host:port`. */
  readonly address: string;
  /** Absent where nothing was served. */
  readonly fingerprintSha256?: string;
  readonly problem?: string;
}

export interface DeploymentStatus extends StoredDeployment {
  readonly served?: Served;
}

export interface CertificateStatus extends StoredCertificate {
  /** Whole days; negative once it has expired. Absent while there is no certificate. */
  readonly daysLeft?: number;
  readonly state: CertificateState;
  /** Why it is not simply `ok`: one sentence each. */
  readonly reasons: readonly string[];
  readonly deployments: readonly DeploymentStatus[];
}

/** Milliseconds before the end, as the user wrote them. */
export interface Limits {
  readonly warn?: number;
  readonly critical?: number;
}

const DAY = 86_400_000;
/** What 14 and 7 days are of 90: certificates that live shorter have proportional limits. */
const WARN_SHARE = 14 / 90;
const CRITICAL_SHARE = 7 / 90;
/** A renewal that is due for so long, and did not even fail, was not tried. */
const OVERDUE = 2 * DAY;
const OVERDUE_SHARE = 0.05;

export function statusOf(
  certificate: StoredCertificate & { readonly deployments: readonly DeploymentStatus[] },
  limits: Limits,
  now: number,
): CertificateStatus {
  const left = leftOf(certificate, now);
  const found = [
    ...lifetimeFindings(certificate, limits, now),
    ...contentFindings(certificate),
    ...renewalFindings(certificate, now),
    ...certificate.deployments.flatMap((deployment) => deploymentFindings(certificate, deployment)),
  ];
  return {
    ...certificate,
    daysLeft: left === undefined ? undefined : Math.floor(left / DAY),
    state: worstOf(found.map(({ state }) => state)),
    reasons: found.map(({ reason }) => reason),
  };
}

/** The most urgent; `ok` of none. */
export function worstOf(states: readonly CertificateState[]): CertificateState {
  return STATES.findLast((state) => states.includes(state)) ?? "ok";
}

/** The most urgent first, then what ends first. */
export function byUrgency(a: CertificateStatus, b: CertificateStatus): number {
  const urgency = STATES.indexOf(b.state) - STATES.indexOf(a.state);
  return urgency || endOf(a) - endOf(b) || (a.urn < b.urn ? -1 : 1);
}

/** 0: nothing to do. 1: look at it. 2: act. */
export function exitCodeOf(state: CertificateState): number {
  return { ok: 0, due: 0, warning: 1, critical: 2, expired: 2 }[state];
}

interface Finding {
  readonly state: CertificateState;
  readonly reason: string;
}

function lifetimeFindings(certificate: StoredCertificate, limits: Limits, now: number): Finding[] {
  const left = leftOf(certificate, now);
  if (left === undefined) return [{ state: "critical", reason: "there is no certificate yet" }];
  if (left <= 0) {
    return [{ state: "expired", reason: `expired ${describeSpan(-left)} ago` }];
  }
  const lifetime = lifetimeOf(certificate);
  const warn = limits.warn ?? Math.min(14 * DAY, lifetime * WARN_SHARE);
  const critical = limits.critical ?? Math.min(7 * DAY, lifetime * CRITICAL_SHARE);
  const reason = `${describeSpan(left)} left`;
  if (left < critical) return [{ state: "critical", reason }];
  return left < warn ? [{ state: "warning", reason }] : [];
}

function contentFindings({ notAfter, fingerprintSha256 }: StoredCertificate): Finding[] {
  if (notAfter === undefined || fingerprintSha256 !== undefined) return [];
  const reason = "what the stack holds as its certificate cannot be read, or is secret";
  return [{ state: "warning", reason }];
}

function renewalFindings(certificate: StoredCertificate, now: number): Finding[] {
  const { lastFailure, renewAt } = certificate;
  if (lastFailure !== undefined) {
    const next =
      lastFailure.nextAttemptAt === undefined ? "" : `; next attempt ${lastFailure.nextAttemptAt}`;
    const reason = `the last renewal failed at ${lastFailure.at}${next}: ${lastFailure.message}`;
    return [{ state: "warning", reason }];
  }
  const due = renewAt === undefined ? 0 : now - Date.parse(renewAt);
  if (!(due > 0)) return [];
  const tolerated = Math.min(OVERDUE, lifetimeOf(certificate) * OVERDUE_SHARE);
  if (due < tolerated) return [{ state: "due", reason: "the next `pulumi up` renews it" }];
  const reason = `its renewal has been due for ${describeSpan(due)} and was not tried: does \`pulumi up\` run on a schedule?`;
  return [{ state: "warning", reason }];
}

function deploymentFindings(
  { fingerprintSha256 }: StoredCertificate,
  { host, current, served, fingerprintSha256: deployed }: DeploymentStatus,
): Finding[] {
  if (fingerprintSha256 === undefined) return [];
  const findings: Finding[] = [];
  if (!current) {
    const has = deployed === undefined ? "has no certificate yet" : "has another certificate";
    findings.push({ state: "warning", reason: `${host} ${has}: \`pulumi up\` deploys this one` });
  }
  if (served?.problem !== undefined) {
    findings.push({ state: "warning", reason: `${served.address}: ${served.problem}` });
  } else if (served !== undefined && served.fingerprintSha256 !== fingerprintSha256) {
    const reason = `${served.address} serves another certificate${current ? " than the one that lies on the host: reload the service" : ""}`;
    findings.push({ state: "warning", reason });
  }
  return findings;
}

function leftOf({ notAfter }: StoredCertificate, now: number): number | undefined {
  return notAfter === undefined ? undefined : Date.parse(notAfter) - now;
}

function endOf({ notAfter }: StoredCertificate): number {
  return notAfter === undefined ? 0 : Date.parse(notAfter);
}

function lifetimeOf(certificate: StoredCertificate): number {
  return endOf(certificate) - Date.parse(certificate.notBefore ?? certificate.notAfter ?? "");
}
