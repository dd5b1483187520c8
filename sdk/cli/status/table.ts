/** The status for people at a terminal. Pure. */
import { describeSpan } from "../../util/duration";
import { singleLine } from "../../util/text";
import type { CertificateState, CertificateStatus } from "./state";

export interface Terminal {
  /** Characters in a line; `Infinity` where lines may be of any length. */
  readonly columns: number;
  readonly now: number;
  /** Colours a state's word. */
  readonly colour: (state: CertificateState, text: string) => string;
}

const HEADINGS = ["STATE", "CERTIFICATE", "NAMES", "LEFT", "RENEWAL", "DEPLOYED ON"] as const;
const GAP = "  ";

/** A table, or where that is too wide for the terminal a list; then what is to be said of each certificate. */
export function describeStatus(
  certificates: readonly CertificateStatus[],
  terminal: Terminal,
): string {
  const rows = certificates.map((certificate) => cellsOf(certificate, terminal.now));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const width = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  const entries = certificates.map((certificate, index) => {
    const cells = rows[index] ?? [];
    const shown =
      width <= terminal.columns
        ? [lineOf(cells, widths, certificate.state, terminal)]
        : listOf(cells, certificate.state, terminal);
    return [...shown, ...certificate.reasons.map((reason) => `    ${singleLine(reason)}`)];
  });
  const heading = width <= terminal.columns ? [lineOf(HEADINGS, widths, undefined, terminal)] : [];
  return [...heading, ...entries.flat()].map((line) => `${line}\n`).join("");
}

function cellsOf(certificate: CertificateStatus, now: number): string[] {
  const { state, name, notAfter, renewAt, renewalReason, deployments } = certificate;
  const left = notAfter === undefined ? "-" : spanUntil(notAfter, now);
  const renewal =
    renewAt === undefined ? renewalReason : `${whenOf(renewAt, now)}, ${renewalReason}`;
  const hosts = deployments.map(({ host, current }) => (current ? host : `${host} (not current)`));
  return [state, name, namesOf(certificate), left, renewal, hosts.join(", ") || "-"].map((cell) =>
    singleLine(cell),
  );
}

/** The first two, and how many more. */
function namesOf({ dnsNames, ipAddresses }: CertificateStatus): string {
  const names = [...dnsNames, ...ipAddresses];
  if (names.length === 0) return "(secret)";
  const more = names.length > 2 ? [`+${String(names.length - 2)}`] : [];
  return [...names.slice(0, 2), ...more].join(", ");
}

function spanUntil(time: string, now: number): string {
  const left = Date.parse(time) - now;
  return left > 0 ? describeSpan(left) : "expired";
}

function whenOf(time: string, now: number): string {
  const left = Date.parse(time) - now;
  return left > 0 ? `in ${describeSpan(left)}` : "due";
}

function lineOf(
  cells: readonly string[],
  widths: readonly number[],
  state: CertificateState | undefined,
  { colour }: Terminal,
): string {
  const padded = cells.map((cell, column) =>
    column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0),
  );
  const [first = "", ...others] = padded;
  return [state === undefined ? first : colour(state, first), ...others].join(GAP);
}

function listOf(cells: readonly string[], state: CertificateState, { colour }: Terminal): string[] {
  const [, name = "", ...others] = cells;
  const details = others.map((cell, index) => {
    const heading = HEADINGS[index + 2] ?? "";
    return `  ${heading.toLowerCase()}: ${cell}`;
  });
  return [`${colour(state, state)}  ${name}`, ...details];
}
