/** Both clients against one CA, in turns. */
import type { Lap } from "./contestant";
import { startContestant, type Client, type ContestantProcess } from "./contestant-process";
import type { Course } from "./course";
import { freshNames, verify } from "./names";

export interface Race {
  readonly ours: readonly Lap[];
  readonly theirs: readonly Lap[];
}

/**
 * `orders` certificates of `names` names by each client, one client after the other, and who begins changes each time:
 * what else the machine does hits both. Each is a process of its own; its first certificates are not counted.
 */
export async function race(course: Course, names: number, orders: number): Promise<Race> {
  const start = (client: Client): ContestantProcess =>
    startContestant(client, course.assignments[client], course.caBundleFile);
  const ours = { process: start("pulumi-acme"), laps: [] as Lap[] };
  const theirs = { process: start("acme-client"), laps: [] as Lap[] };
  try {
    for (let round = -WARM_UP; round < orders; round++) {
      for (const client of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
        const lap = await obtain(course, client.process, names);
        if (round >= 0) client.laps.push(lap);
      }
    }
    return { ours: ours.laps, theirs: theirs.laps };
  } finally {
    ours.process.stop();
    theirs.process.stop();
  }
}

/** Process start to the first certificate, for one name. */
export interface ColdStart {
  readonly milliseconds: number;
  readonly lap: Lap;
}

/** @param registered - with an account; without one it is registered on the way */
export async function coldStart(
  course: Course,
  client: Client,
  registered: boolean,
): Promise<ColdStart> {
  const { account, ...stranger } = course.assignments[client];
  const assignment = registered ? { ...stranger, account } : stranger;
  const started = performance.now();
  const contestant = startContestant(client, assignment, course.caBundleFile);
  try {
    const lap = await obtain(course, contestant, 1);
    return { milliseconds: performance.now() - started, lap };
  } finally {
    contestant.stop();
  }
}

async function obtain(course: Course, client: ContestantProcess, names: number): Promise<Lap> {
  const wanted = freshNames(names);
  const lap = await client.obtain(wanted);
  course.sent += lap.sent.length;
  verify(lap.chainPem, wanted);
  return lap;
}

const WARM_UP = 3;
