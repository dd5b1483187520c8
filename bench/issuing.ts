/** `npm run bench -- issuing`: from names to certificates, ours and acme-client's, against one Pebble. */
import type { Client } from "./contestant-process";
import { onCourse, type Course } from "./course";
import { figuresOf, type Result } from "./figures";
import {
  describeColdStarts,
  describeRaces,
  describeRacesWithRefusedNonces,
} from "./issuing-report";
import { issuingTargets } from "./issuing-targets";
import { coldStart, race, type ColdStart } from "./race";
import { countRequests, type RequestCount } from "./requests";
import type { Say, Section } from "./section";
import { median } from "./statistics";

export interface ColdResult {
  readonly title: string;
  readonly client: Client;
  /** From the start of the process to the certificate. */
  readonly milliseconds: number;
  readonly counts: RequestCount;
}

export async function issuing(say: Say): Promise<Section> {
  const run = async (
    course: Course,
    title: string,
    names: number,
    orders: number,
  ): Promise<Result> => {
    say(`${title}: ${String(orders)} orders each`);
    const { ours, theirs } = await race(course, names, orders);
    return { title, ours: figuresOf(ours), theirs: figuresOf(theirs) };
  };
  const { cold, races } = await onCourse({}, async (course) => ({
    cold: await coldStarts(course, say),
    races: [
      await run(course, "1 name", 1, 100),
      await run(course, "10 names", 10, 20),
      await run(course, "50 names", 50, 10),
    ],
  }));
  const patient = await onCourse({ retryAfter: 3 }, (course) =>
    run(course, "1 name, the CA says Retry-After: 3 while pending", 1, 30),
  );
  const refused = await onCourse({ nonceReject: 5 }, async (course) => [
    await run(course, "1 name, 5 % of nonces refused", 1, 100),
    await run(course, "50 names, 5 % of nonces refused", 50, 10),
  ]);
  return {
    title: "Issuing: pulumi-acme and acme-client on one Pebble",
    text: [
      "Pebble -strict, no sleep, no reuse of authorizations, one profile, which each order names, ECDSA chain. P-256 keys,",
      "made within the time. http-01 by one folder for both. Warm account and connections; one order at a time, in turns.",
      "requests: median per order, without nonces (HEAD) and without polls after the first of each URL (mean).",
      "A Retry-After is obeyed by pulumi-acme (RFC 8555 §7.5.1); acme-client does not look at it while it polls.",
      "",
      describeRaces([...races, patient]),
      "",
      describeRacesWithRefusedNonces(refused),
      "",
      "Cold: from the start of a process to its first certificate, one name.",
      "",
      describeColdStarts(cold),
    ].join("\n"),
    targets: issuingTargets(races, cold),
  };
}

const COLD_STARTS = 7;

async function coldStarts(course: Course, say: Say): Promise<ColdResult[]> {
  const kinds = [true, false].flatMap((registered) =>
    (["pulumi-acme", "acme-client"] as const).map((client) => ({
      client,
      registered,
      starts: [] as ColdStart[],
    })),
  );
  say(`cold starts: ${String(COLD_STARTS)} of each kind`);
  for (let round = 0; round < COLD_STARTS; round++) {
    for (const { client, registered, starts } of kinds) {
      starts.push(await coldStart(course, client, registered));
    }
  }
  return kinds.map(({ client, registered, starts }) => {
    const counts = starts.map(({ lap }) => countRequests(lap.sent));
    return {
      title: registered ? "existing account" : "with the registration",
      client,
      milliseconds: median(starts.map(({ milliseconds }) => milliseconds)),
      counts: {
        needed: median(counts.map(({ needed }) => needed)),
        nonces: median(counts.map(({ nonces }) => nonces)),
        laterPolls: median(counts.map(({ laterPolls }) => laterPolls)),
      },
    };
  });
}
