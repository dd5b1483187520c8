/** `npm run bench -- no-op`: a second `pulumi up` of 100 certificates, against 100 resources that do nothing. Bench. */
import { startPebble } from "../test/support/pebble";
import { createStack, type Stack } from "../test/support/pulumi";
import { registerAccount } from "./account";
import { certificatesProgram, nothingProgram } from "./no-op-programs";
import { childrenSeconds } from "./processor-time";
import type { Say, Section } from "./section";
import { maximum, median } from "./statistics";
import { fixed, table } from "./table";

const COUNT = 100;
const ROUNDS = 9;

export async function noOp(say: Say): Promise<Section> {
  // It validates nothing: what is measured comes after the certificates are there.
  const pebble = await startPebble({ alwaysValid: true });
  const stacks: Stack[] = [];
  const stackOf = async (
    program: string,
    options: Parameters<typeof createStack>[1],
  ): Promise<Stack> => {
    const stack = await createStack(program, options);
    stacks.push(stack);
    return stack;
  };
  try {
    const { accountKeyPem, ...account } = await registerAccount(pebble);
    const certificates = await stackOf(certificatesProgram(COUNT), {
      config: { accountKeyPem: { secret: accountKeyPem } },
      files: { "account.json": JSON.stringify(account) },
    });
    const nothing = await stackOf(nothingProgram(COUNT), {});
    say(`${String(COUNT)} certificates are issued`);
    const issued = await certificates.up({ skipPreview: true, timeoutMs: 300_000 });
    await nothing.up({ skipPreview: true });
    const before = pebble.requests().length;
    say(`up without a change: ${String(ROUNDS)} times each`);
    const times = await alternate(certificates, nothing);
    const requests = pebble.requests().length - before;
    const { text, resources } = await certificates.exportState();
    const properties = resources
      .filter(({ type }) => type.endsWith(":AcmeCertificate"))
      .map(({ inputs, outputs }) => ({ inputs, outputs }));
    return describe({
      times,
      requests,
      first: issued.durationMs,
      stateBytes: Buffer.byteLength(text),
      propertyBytes: Buffer.byteLength(JSON.stringify(properties)),
    });
  } finally {
    for (const stack of stacks) await stack.stop();
    await pebble.stop();
  }
}

/** Seconds: on the wall, and of the processors. */
interface Times {
  readonly wall: number[];
  readonly processor: number[];
}

interface Rounds {
  readonly certificates: Times;
  readonly nothing: Times;
}

/** Preview and update, as people run it. Who begins changes each time; the first round is not counted. */
async function alternate(certificates: Stack, nothing: Stack): Promise<Rounds> {
  const times: Rounds = {
    certificates: { wall: [], processor: [] },
    nothing: { wall: [], processor: [] },
  };
  const pair = [
    { stack: certificates, into: times.certificates },
    { stack: nothing, into: times.nothing },
  ];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { stack, into } of round % 2 === 0 ? pair : pair.toReversed()) {
      const before = childrenSeconds();
      const { durationMs, changes } = await stack.up();
      if (changes["same"] !== COUNT + 1 || Object.keys(changes).length > 1) {
        throw new Error(`an up without a change did ${JSON.stringify(changes)}`);
      }
      if (round === 0) continue;
      into.wall.push(durationMs / 1000);
      into.processor.push(childrenSeconds() - before);
    }
  }
  return times;
}

interface Found {
  readonly times: Rounds;
  readonly requests: number;
  readonly first: number;
  readonly stateBytes: number;
  readonly propertyBytes: number;
}

function describe({ times, requests, first, stateBytes, propertyBytes }: Found): Section {
  const row = (title: string, { wall, processor }: Times): string[] => [
    title,
    String(wall.length),
    ...[median(wall), Math.min(...wall), maximum(wall), median(processor)].map((value) =>
      fixed(value, 2),
    ),
  ];
  const differences = {
    wall: difference(times.certificates.wall, times.nothing.wall),
    processor: difference(times.certificates.processor, times.nothing.processor),
  };
  const more = median(differences.wall);
  const megabytes = (bytes: number): string => `${fixed(bytes / 1e6, 2)} MB`;
  return {
    title: `No-op \`pulumi up\` of ${String(COUNT)} certificates`,
    text: [
      "Whole command, preview and update, on the real engine with local state; in turns. Time on the wall; the last",
      "column is what the processors worked for it.",
      "",
      table(
        ["seconds", "runs", "median", "min", "max", "processors' median"],
        [
          row(`${String(COUNT)} certificates`, times.certificates),
          row(`${String(COUNT)} dynamic resources that do nothing`, times.nothing),
          row("difference, pair by pair", differences),
        ],
      ),
      "",
      `To issue them took ${fixed(first / 1000, 1)} s. State: ${megabytes(stateBytes)} as exported, indented;`,
      `inputs and outputs of the certificates alone ${megabytes(propertyBytes)}.`,
    ].join("\n"),
    targets: [
      {
        what: `no-op up, ${String(COUNT)} certificates more than nothing (median)`,
        wanted: "at most 0.30 s",
        measured: `${fixed(more, 2)} s`,
        met: more <= 0.3,
      },
      {
        what: "no-op up, requests to the CA in all runs",
        wanted: "0",
        measured: String(requests),
        met: requests === 0,
      },
      {
        what: `state of ${String(COUNT)} certificates, as exported`,
        wanted: "below 1.2 MB",
        measured: megabytes(stateBytes),
        met: stateBytes < 1.2e6,
      },
    ],
  };
}

function difference(values: readonly number[], others: readonly number[]): number[] {
  return values.map((value, index) => value - (others[index] ?? NaN));
}
