/** When `pulumi up` runs. Pure. */
import { createHash } from "node:crypto";

import type { StoredCertificate } from "../status/certificates";

export interface Schedule {
  readonly stack: string;
  /** Where the Pulumi program is, for schedulers on a machine of one's own. */
  readonly directory: string;
  /** Of each of the `hours`, UTC. */
  readonly minute: number;
  readonly hours: readonly number[];
}

/**
 * What every run does: `--refresh` asks the CA about renewal windows and looks at the hosts, and an `up` that nobody
 * watches needs no preview.
 */
export function command({ stack }: Pick<Schedule, "stack">): string {
  return `pulumi up --refresh --yes --skip-preview --non-interactive --stack ${stack}`;
}

/** The five fields of cron(8), without the command. */
export function cronFields({ minute, hours }: Schedule): string {
  return `${String(minute)} ${hours.join(",")} * * *`;
}

const DAY = 86_400_000;
const SHORT = 10 * DAY;

/** Twice a day; six times where a certificate lives ten days or less, so that a failure leaves time for others. */
export function runsPerDay(certificates: readonly StoredCertificate[]): 2 | 6 {
  const isShort = certificates.some(
    ({ notBefore, notAfter }) => Date.parse(notAfter ?? "") - Date.parse(notBefore ?? "") <= SHORT,
  );
  return isShort ? 6 : 2;
}

/**
 * @param seed - from it comes the minute: the same in every call, another for every stack. CAs ask that clients do not
 *   come at the full hour, when all the others do.
 */
export function timesOf(perDay: number, seed: string): Pick<Schedule, "minute" | "hours"> {
  const [first = 0, second = 0] = createHash("sha256").update(seed).digest();
  const every = 24 / perDay;
  return {
    minute: 1 + (first % 58),
    hours: Array.from({ length: perDay }, (_, index) => (second % every) + index * every),
  };
}
