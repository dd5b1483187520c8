/** The no-op bench in words. */
import { fixed, maximum, median, table, type Section, type Target } from "./report";

/** Seconds of each run: on the wall, and of the processors. */
export interface Times {
  readonly wall: number[];
  readonly processor: number[];
}

/** Bytes. */
export interface StateSize {
  /** As `pulumi stack export` prints it. */
  readonly exported: number;
  /** Inputs and outputs of the certificates alone, without white space. */
  readonly properties: number;
}

interface Certificates {
  readonly times: Times;
  readonly issuedSeconds: number;
  readonly state: StateSize;
}

export interface NoOpResult {
  readonly certificates: Certificates;
  /** Those of another checkout. */
  readonly against?: Certificates;
  /** Do nothing, with a certificate's arguments and outputs. */
  readonly properties: Times;
  /** Do nothing, and have nothing. */
  readonly nothing: Times;
  /** To the CA, in all runs. */
  readonly requests: number;
}

export function describeNoOp(result: NoOpResult): Section {
  const { certificates, against, properties, nothing, requests } = result;
  const all = [
    { title: "100 certificates", ...certificates },
    ...(against === undefined
      ? []
      : [{ title: "100 certificates of the other checkout", ...against }]),
  ];
  return {
    title: "100 certificates: no-op `pulumi up`, and size of the state",
    text: [
      "Whole command, preview and update, on the real engine with local state; in turns. Seconds on the wall; the last",
      "column is how long processors worked for it, which what else the machine does changes less.",
      "",
      table(
        ["", "runs", "median", "min", "max", "processors"],
        [
          ...all.map(({ title, times }) => row(title, times)),
          row("100 that do nothing, with a certificate's properties", properties),
          row("100 that do nothing", nothing),
          ["more than 100 that do nothing, run by run:"],
          ...all.map(({ title, times }) => row(`  ${title}`, difference(times, nothing))),
          row("  that many properties, whoever has them", difference(properties, nothing)),
        ],
      ),
      "",
      "State as `pulumi stack export` prints it, and the inputs and outputs of the certificates alone, without white space.",
      "",
      table(
        ["", "issued in s", "state MB", "properties MB"],
        all.map(({ title, issuedSeconds, state }) => [
          title,
          fixed(issuedSeconds, 1),
          fixed(state.exported / 1e6, 2),
          fixed(state.properties / 1e6, 2),
        ]),
      ),
    ].join("\n"),
    targets: [
      notMuchMore("100 that do nothing", difference(certificates.times, nothing)),
      notMuchMore(
        "100 that do nothing with the same properties",
        difference(certificates.times, properties),
      ),
      {
        what: "no-op up, requests to the CA in all runs",
        wanted: "0",
        measured: String(requests),
        met: requests === 0,
      },
      {
        what: "state of 100 certificates, as exported",
        wanted: "at most 0.75 MB",
        measured: `${fixed(certificates.state.exported / 1e6, 2)} MB`,
        met: certificates.state.exported <= 0.75e6,
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
