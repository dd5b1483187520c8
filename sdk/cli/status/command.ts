/** `pulumi-acme status`: whether anything is about to expire. */
import { writeFile } from "node:fs/promises";
import { styleText } from "node:util";

import type { Command } from "commander";

import { parseDuration } from "../../util/duration";
import { certificatesIn, isDeployment } from "./certificates";
import { metricsOf } from "./prometheus";
import { resourcesInFile, resourcesOfStack } from "./sources";
import { type ExportedResource, StatusError } from "./stack-export";
import {
  byUrgency,
  type CertificateState,
  type CertificateStatus,
  exitCodeOf,
  type Limits,
  statusOf,
  worstOf,
} from "./state";
import { describeStatus } from "./table";

export interface StatusOptions {
  readonly stack?: readonly string[];
  readonly file?: readonly string[];
  readonly json?: boolean;
  readonly prometheus?: boolean;
  readonly html?: string;
  readonly check?: boolean;
  readonly warn?: number;
  readonly critical?: number;
}

const COLOURS = {
  ok: "green",
  due: "cyan",
  warning: "yellow",
  critical: "red",
  expired: "red",
} as const;

/** The exit code where it cannot be told how the certificates are. */
export const CANNOT_TELL = 3;

export function addStatusCommand(program: Command): void {
  program
    .command("status")
    .summary("every certificate of a stack, and whether one is about to expire")
    .description(
      "Every certificate of a stack: names, time left, next renewal, and which hosts have it.\n" +
        "Reads `pulumi stack export`; secrets are neither needed nor shown.",
    )
    .option("-s, --stack <name>", "a stack; may be repeated (default: the current one)", repeated)
    .option(
      "-f, --file <path>",
      "a saved export, or - for standard input; may be repeated",
      repeated,
    )
    .option("--check", "also ask the services themselves, by a TLS handshake each")
    .option("--json", "print JSON")
    .option("--prometheus", "print metrics for the textfile collector")
    .option("--html <path>", "write a page, too")
    .option(
      "--warn <time>",
      "less time left is a warning (default: 14d, or 16 % of the lifetime)",
      span,
    )
    .option("--critical <time>", "less is critical (default: 7d, or 8 % of the lifetime)", span)
    .addHelpText("after", EXIT_CODES)
    .action(async (options: StatusOptions) => {
      process.exitCode = await status(options);
    });
}

const EXIT_CODES = `
Exit code: 0 all is well, 1 a warning (also for a failed renewal, or a host without the current
certificate), 2 critical or expired, 3 it cannot be told.`;

/** @returns the exit code */
export async function status(options: StatusOptions): Promise<number> {
  const now = Date.now();
  const certificates = await gather(options, now);
  if (options.html !== undefined) {
    const { pageOf } = await import("./page.js");
    await writeFile(options.html, pageOf(certificates, now));
  }
  process.stdout.write(textOf(certificates, options, now));
  if (certificates.length > 0) return exitCodeOf(worstIn(certificates));
  process.stderr.write("pulumi-acme: there is no AcmeCertificate in the stack\n");
  return CANNOT_TELL;
}

async function gather(
  { stack, file, check, warn, critical }: StatusOptions,
  now: number,
): Promise<CertificateStatus[]> {
  const resources: ExportedResource[] = [];
  for (const source of file ?? []) resources.push(...(await resourcesInFile(source)));
  const stacks = stack ?? (file === undefined ? [undefined] : []);
  for (const name of stacks) resources.push(...(await resourcesOfStack(name)));
  const limits: Limits = { warn, critical };
  const served = check === true ? await lookAt(resources) : undefined;
  return certificatesIn(resources)
    .map((certificate) => ({
      ...certificate,
      deployments: certificate.deployments.map((deployment) => ({
        ...deployment,
        served: served?.get(deployment.urn),
      })),
    }))
    .map((certificate) => statusOf(certificate, limits, now))
    .sort(byUrgency);
}

async function lookAt(resources: readonly ExportedResource[]) {
  const { lookAtServices } = await import("./served.js");
  return lookAtServices(resources.filter(isDeployment));
}

function textOf(
  certificates: readonly CertificateStatus[],
  { json, prometheus }: StatusOptions,
  now: number,
): string {
  if (json === true) {
    const worst = certificates.length === 0 ? "unknown" : worstIn(certificates);
    return `${JSON.stringify({ worst, certificates }, undefined, 2)}\n`;
  }
  if (prometheus === true) return metricsOf(certificates, now);
  if (certificates.length === 0) return "";
  const isColoured = process.stdout.isTTY && process.stdout.hasColors();
  return describeStatus(certificates, {
    columns: process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
    now,
    colour: (state, text) => (isColoured ? styleText(COLOURS[state], text) : text),
  });
}

function worstIn(certificates: readonly CertificateStatus[]): CertificateState {
  return worstOf(certificates.map(({ state }) => state));
}

function repeated(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function span(value: string): number {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  throw new StatusError(`"${value}" is not a time such as "14d" or "36h"`);
}
