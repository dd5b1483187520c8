/** The no-op bench in words. */
import type { Section } from "./section";
import { maximum, median } from "./statistics";
import { fixed, table } from "./table";
import type { Target } from "./targets";

/** Seconds of each run: on the wall, and of the processors. */
export interface Times {
  readonly wall: number[];
  readonly processor: number[];
}

export interface NoOpResult {
  readonly certificates: Times;
  /** Do nothing, with a certificate's arguments and outputs. */
  readonly properties: Times;
  /** Do nothing, and have nothing. */
  readonly nothing: Times;
  /** To the CA, in all runs. */
  readonly requests: number;
  readonly issuedSeconds: number;
  /** As `pulumi stack export` prints it. */
  readonly stateBytes: number;
  readonly propertyBytes: number;
}

export function describeNoOp(result: NoOpResult): Section {
  const { certificates, properties, nothing, requests, stateBytes, propertyBytes } = result;
  return {
    title: "No-op `pulumi up` of 100 certificates",
    text: [
      "Whole command, preview and update, on the real engine with local state; in turns. Seconds on the wall; the last",
      "column is how long processors worked for it, which what else the machine does changes less.",
      "",
      table(
        ["", "runs", "median", "min", "max", "processors"],
        [
          row("100 certificates", certificates),
          row("100 that do nothing, with a certificate's properties", properties),
          row("100 that do nothing", nothing),
          row("certificates more than nothing, run by run", difference(certificates, nothing)),
          row(
            "so many properties more than nothing, whoever has them",
            difference(properties, nothing),
          ),
        ],
      ),
      "",
      `To issue them took ${fixed(result.issuedSeconds, 1)} s. State: ${megabytes(stateBytes)} as exported, indented;`,
      `inputs and outputs of the certificates alone ${megabytes(propertyBytes)}.`,
    ].join("\n"),
    targets: [
      notMuchMore("100 that do nothing", difference(certificates, nothing)),
      notMuchMore(
        "100 that do nothing with the same properties",
        difference(certificates, properties),
      ),
      {
        what: "no-op up, requests to the CA in all runs",
        wanted: "0",
        measured: String(requests),
        met: requests === 0,
      },
      {
        what: "state of 100 certificates, as exported",
        wanted: "below 1.2 MB",
        measured: megabytes(stateBytes),
        met: stateBytes < 1.2e6,
      },
    ],
  };
}

function notMuchMore(others: string, { wall }: Times): Target {
  const more = median(wall);
  return {
    what: `no-op up, 100 certificates more than ${others} (median)`,
    wanted: "at most 0.30 s",
    measured: `${fixed(more, 2)} s`,
    met: more <= 0.3,
  };
}

function row(title: string, { wall, processor }: Times): string[] {
  const values = [median(wall), Math.min(...wall), maximum(wall), median(processor)];
  return [title, String(wall.length), ...values.map((value) => fixed(value, 2))];
}

function difference(one: Times, other: Times): Times {
  const subtract = (values: readonly number[], others: readonly number[]): number[] =>
    values.map((value, index) => value - (others[index] ?? NaN));
  return {
    wall: subtract(one.wall, other.wall),
    processor: subtract(one.processor, other.processor),
  };
}

function megabytes(bytes: number): string {
  return `${fixed(bytes / 1e6, 2)} MB`;
}
