/** `npm run bench -- issuing`: from names to certificates, ours and acme-client's, against one Pebble. */
import { coldStart, compare, countRequests, type ColdStart, type Comparison } from "./compare";
import { withFixture, type Fixture } from "./fixture";
import {
  describeColdStarts,
  describeComparisons,
  describeComparisonsWithRefusedNonces,
  issuingTargets,
  type ColdResult,
} from "./issuing-report";
import { median, type Say, type Section } from "./report";

const COLD_STARTS = 7;

export async function issuing(say: Say): Promise<Section> {
  const run = (
    fixture: Fixture,
    title: string,
    names: number,
    orders: number,
  ): Promise<Comparison> => {
    say(`${title}: ${String(orders)} orders each`);
    return compare(fixture, title, names, orders);
  };
  const { cold, comparisons } = await withFixture({}, async (fixture) => ({
    cold: await coldStarts(fixture, say),
    comparisons: [
      await run(fixture, "1 name", 1, 100),
      await run(fixture, "10 names", 10, 20),
      await run(fixture, "50 names", 50, 10),
    ],
  }));
  const patient = await withFixture({ retryAfter: 3 }, (fixture) =>
    run(fixture, "1 name, the CA says Retry-After: 3 while pending", 1, 30),
  );
  const refused = await withFixture({ nonceReject: 5 }, async (fixture) => [
    await run(fixture, "1 name, 5 % of nonces refused", 1, 100),
    await run(fixture, "50 names, 5 % of nonces refused", 50, 10),
  ]);
  return {
    title: "Issuing: pulumi-acme and acme-client on one Pebble",
    text: [
      "Pebble -strict, no sleep, no reuse of authorizations, one profile, which each order names, ECDSA chain. P-256 keys,",
      "made within the time. http-01 by one folder for both. Warm account and connections; one order at a time, in turns.",
      "requests: median per order, without nonces (HEAD) and without polls after the first of each URL (mean).",
      "A Retry-After is obeyed by pulumi-acme (RFC 8555 §7.5.1); acme-client does not look at it while it polls.",
      "",
      describeComparisons([...comparisons, patient]),
      "",
      describeComparisonsWithRefusedNonces(refused),
      "",
      "Cold: from the start of a process to its first certificate, one name.",
      "",
      describeColdStarts(cold),
    ].join("\n"),
    targets: issuingTargets(comparisons, cold),
  };
}

async function coldStarts(fixture: Fixture, say: Say): Promise<ColdResult[]> {
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
      starts.push(await coldStart(fixture, client, registered));
    }
  }
  return kinds.map(({ client, registered, starts }) => {
    const counts = starts.map(({ sample }) => countRequests(sample.sent));
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
