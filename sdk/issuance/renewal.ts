/**
 * When a certificate is renewed, and when a failed renewal is tried again. Pure.
 *
 * The instant is fixed when the certificate is issued or refreshed, so that a preview and the `up` after it agree.
 */
import { createHash } from "node:crypto";

import { durationMs } from "../util/duration";

const DAY = 86_400_000;

export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface RenewalWindow {
  readonly start: number;
  readonly end: number;
}

export interface Margin {
  /** Milliseconds before the end. */
  readonly ms: number;
  /** Why it is not what the user wrote. */
  readonly warning?: string;
}

/**
 * How long before its end a certificate is renewed: what the user wrote ("30d", "33%"), else a third of the
 * lifetime, or half of one below ten days, as Let's Encrypt advises.
 */
export function renewalMargin(validity: Validity, renewBefore: string | undefined): Margin {
  const lifetime = validity.notAfter - validity.notBefore;
  if (renewBefore === undefined) return { ms: lifetime / (lifetime < 10 * DAY ? 2 : 3) };
  const asked = spanOf(renewBefore, lifetime);
  if (asked < lifetime) return { ms: asked };
  return {
    ms: lifetime / 2,
    warning:
      `renewBefore "${renewBefore}" is not shorter than the certificate's lifetime of ` +
      `${String(Math.round(lifetime / 3_600_000))} hours, and would renew it in every run: half of the lifetime is used`,
  };
}

/** "33%" of `whole`, or a duration, in milliseconds. */
export function spanOf(text: string, whole: number): number {
  const percent = percentOf(text);
  return percent === undefined ? durationMs(text) : (whole * percent) / 100;
}

/** 33 for "33%"; `undefined` for what is no share. */
export function percentOf(text: string): number | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text.trim());
  return percent === null ? undefined : Number(percent[1]);
}

/**
 * The instant of renewal, epoch milliseconds.
 *
 * With a window from the CA it is an instant inside, drawn from `seed` alone: the same in every preview, another for
 * every certificate. It is never later than a `renewBefore` that the user wrote, nor than a sixth of the lifetime
 * before the end.
 *
 * @see RFC 9773 §4.2, RenewalInfo Objects
 */
export function renewalInstant(
  validity: Validity,
  renewBefore: string | undefined,
  window: RenewalWindow | undefined,
  seed: string,
): number {
  const byLifetime = validity.notAfter - renewalMargin(validity, renewBefore).ms;
  if (window === undefined) return byLifetime;
  const drawn = window.start + (window.end - window.start) * fractionOf(seed);
  const latest = validity.notAfter - (validity.notAfter - validity.notBefore) / 6;
  return Math.min(drawn, latest, renewBefore === undefined ? Number.POSITIVE_INFINITY : byLifetime);
}

/** A number in [0, 1) that looks random and is always the same for `seed`. */
function fractionOf(seed: string): number {
  return createHash("sha256").update(seed).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** How much validity, in milliseconds, must be left for a failed renewal to be only a warning. */
export function toleratedSpan(
  validity: Validity,
  renewBefore: string | undefined,
  toleratesFailureUntil: string | undefined,
): number {
  if (toleratesFailureUntil === undefined) return renewalMargin(validity, renewBefore).ms / 2;
  return spanOf(toleratesFailureUntil, validity.notAfter - validity.notBefore);
}

/**
 * When a renewal that failed `failures` times in a row is tried again: what the CA said, else after 1, 10, 100
 * minutes, then daily (Let's Encrypt's integration guide).
 */
export function nextAttempt(now: number, failures: number, retryAt: number | undefined): number {
  const minutes = [1, 10, 100][failures - 1] ?? 1440;
  return Math.max(now + minutes * 60_000, Math.min(retryAt ?? 0, now + 7 * DAY));
}
