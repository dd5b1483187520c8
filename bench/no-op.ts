/**
 * `npm run bench -- no-op`: a second `pulumi up` of 100 certificates, against 100 resources that do nothing, and the size
 * of their state. With `--against <folder>`, also the certificates of another built checkout, in the same run.
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startPebble, type Pebble } from "../test/support/ca/pebble";
import { createStack, type Stack, type StackOptions } from "../test/support/engine/pulumi";
import { registerAccount } from "./package";
import { certificatesProgram, nothingProgram, propertiesProgram } from "./no-op-programs";
import { describeNoOp, type StateSize, type Times } from "./no-op-report";
import type { Say, Section } from "./report";

const COUNT = 100;
const ROUNDS = 9;
/** The kernel's USER_HZ, which is the same everywhere. */
const TICKS_PER_SECOND = 100;

interface MeasuredStack {
  readonly stack: Stack;
  readonly times: Times;
}

export async function noOp(say: Say, against: string | undefined): Promise<Section> {
  // It validates nothing: what is measured comes after the certificates are there.
  const pebble = await startPebble({ alwaysValid: true });
  const stacks: MeasuredStack[] = [];
  const measured = async (program: string, options?: StackOptions): Promise<MeasuredStack> => {
    const stack = await createStack(program, options);
    const made = { stack, times: { wall: [], processor: [] } };
    stacks.push(made);
    return made;
  };
  try {
    const options = await accountOptions(pebble);
    const issue = async (checkout?: string): Promise<MeasuredStack & { issuedSeconds: number }> => {
      const made = await measured(certificatesProgram(COUNT), { ...options, checkout });
      say(`${String(COUNT)} certificates are issued`);
      const { durationMs } = await made.stack.up({ skipPreview: true, timeoutMs: 300_000 });
      return { ...made, issuedSeconds: durationMs / 1000 };
    };
    const certificates = await issue();
    const other = against === undefined ? undefined : await issue(against);
    const nothing = await measured(nothingProgram(COUNT));
    await nothing.stack.up({ skipPreview: true });
    const properties = await measured(propertiesProgram(COUNT), options);
    await copyOutputs(certificates.stack, properties.stack);
    await properties.stack.up({ skipPreview: true });
    const before = pebble.requests().length;
    say(`up without a change: ${String(ROUNDS)} times each`);
    await takeTurns(stacks);
    return describeNoOp({
      certificates: { ...certificates, state: await stateSize(certificates.stack) },
      against: other && { ...other, state: await stateSize(other.stack) },
      properties: properties.times,
      nothing: nothing.times,
      requests: pebble.requests().length - before,
    });
  } finally {
    for (const { stack } of stacks) await stack.stop();
    await pebble.stop();
  }
}

async function stateSize(stack: Stack): Promise<StateSize> {
  const { text, resources } = await stack.exportState();
  const certificates = resources
    .filter(({ type }) => type.endsWith(":AcmeCertificate"))
    .map(({ inputs, outputs }) => ({ inputs, outputs }));
  return {
    exported: Buffer.byteLength(text),
    properties: Buffer.byteLength(JSON.stringify(certificates)),
  };
}

async function accountOptions(pebble: Pebble): Promise<StackOptions> {
  const { accountKeyPem, ...account } = await registerAccount(pebble);
  return {
    config: { accountKeyPem: { secret: accountKeyPem } },
    files: { "account.json": JSON.stringify(account) },
  };
}

/** The outputs of one certificate as a file for the program of another stack; secrets as their ciphertext, which is as long. */
async function copyOutputs(from: Stack, to: Stack): Promise<void> {
  const { resources } = await from.exportState();
  const one = resources.find(({ type }) => type.endsWith(":AcmeCertificate"));
  const outputs = JSON.stringify(one?.outputs, (_key, value: unknown) =>
    typeof value === "object" && value !== null && "ciphertext" in value ? value.ciphertext : value,
  );
  await writeFile(join(to.directory, "outputs.json"), outputs);
}

/** Preview and update, as people run it. Who begins changes each time; the first round is not counted. */
async function takeTurns(stacks: readonly MeasuredStack[]): Promise<void> {
  for (let round = 0; round <= ROUNDS; round++) {
    const first = round % stacks.length;
    const order = [...stacks.slice(first), ...stacks.slice(0, first)];
    for (const { stack, times } of order) {
      const before = childrenSeconds();
      const { durationMs, changes } = await stack.up();
      if (changes["same"] !== COUNT + 1 || Object.keys(changes).length > 1) {
        throw new Error(`an up without a change did ${JSON.stringify(changes)}`);
      }
      if (round === 0) continue;
      times.wall.push(durationMs / 1000);
      times.processor.push(childrenSeconds() - before);
    }
  }
}

/**
 * Processor seconds of all children that have ended, and of theirs: unlike the time on the wall, nearly untouched by what else the
 * machine does. `NaN` where the system does not tell (all but Linux).
 */
function childrenSeconds(): number {
  let stat: string;
  try {
    stat = readFileSync("/proc/self/stat", "utf8");
  } catch {
    return NaN;
  }
  // proc(5): the 2nd field is a name in parentheses, the 16th and 17th are cutime and cstime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
