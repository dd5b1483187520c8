/** `npm run bench -- dns-service`: 25 certificates at once by one DNS service, which takes no more calls on the way. */
import type * as providerModule from "../sdk/provider";
import { messageOf } from "../sdk/util/errors";
import { type Pebble, startPebble } from "../test/support/ca/pebble";
import { DIALECTS, serveZone } from "../test/support/dns/services";
import type { ServedZone } from "../test/support/dns/services/others";
import { verify } from "./fixture";
import { built, registerAccount } from "./package";
import { fixed, maximum, median, table, type Say, type Section } from "./report";

const { certificate } = built("provider/index.js") as typeof providerModule;

const CERTIFICATES = 25;
/** The service refuses so many calls, once it has answered so many. */
const LIMITED = { after: 40, times: 2 };

/** Of each certificate: how long it took, or why there is none. */
type Outcome = PromiseSettledResult<number>;

export async function dnsService(say: Say): Promise<Section> {
  say(`${String(CERTIFICATES)} certificates at once, some seconds`);
  const pebble = await startPebble();
  const service = await serveZone(DIALECTS.hetzner, (name, values) =>
    pebble.dns.replaceTxt(name, values),
  );
  try {
    service.limit(LIMITED.after, LIMITED.times);
    const outcomes = await issueAtOnce(pebble, service);
    return describe(outcomes, service.calls.length);
  } finally {
    await service.stop();
    await pebble.stop();
  }
}

async function issueAtOnce(pebble: Pebble, { zone, dns01 }: ServedZone): Promise<Outcome[]> {
  const account = await registerAccount(pebble);
  const resolvers = [pebble.dns.dnsAddress];
  const started = performance.now();
  const issue = async (name: string): Promise<number> => {
    const { inputs, failures } = await certificate.check(
      {},
      {
        account,
        dnsNames: [name],
        profile: "default",
        solvers: [{ dns01 }],
        propagation: { check: "resolvers", resolvers },
        preflight: { resolvers },
      },
    );
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    const { outs } = await certificate.create(inputs);
    verify(String(outs["fullchainPem"]), [name]);
    return performance.now() - started;
  };
  const names = Array.from({ length: CERTIFICATES }, (_, index) => `h${String(index)}.${zone}`);
  return Promise.allSettled(names.map(issue));
}

function describe(outcomes: readonly Outcome[], calls: number): Section {
  const seconds = outcomes.flatMap((each) =>
    each.status === "fulfilled" ? [each.value / 1000] : [],
  );
  const failed = outcomes.filter((each) => each.status === "rejected");
  const { after, times } = LIMITED;
  return {
    title: `${String(CERTIFICATES)} certificates at once by one DNS service`,
    text: [
      `A stand-in of Hetzner's DNS, which answers 429 to ${String(times)} calls after ${String(after)}. Seconds from the start of all.`,
      "",
      table(
        ["issued", "failed", "median s", "max s", "calls"],
        [
          [
            String(seconds.length),
            String(failed.length),
            fixed(median(seconds), 1),
            fixed(maximum(seconds), 1),
            String(calls),
          ],
        ],
      ),
      // What it throws holds the state to be saved, and so the key.
      ...failed.map(({ reason }) => messageOf(reason)),
    ].join("\n"),
    targets: [
      {
        what: `certificates of ${String(CERTIFICATES)} at once that failed`,
        wanted: "none",
        measured: String(failed.length),
        met: failed.length === 0,
      },
    ],
  };
}
