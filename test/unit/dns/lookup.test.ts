/** Asking several resolvers. */
import { expect, it, onTestFinished } from "vitest";

import { resolversAt } from "../../../sdk/dns/lookup";
import { dnsServer } from "../../support/dns/dns-server";
import { replyServer, replyTo, wireName } from "../../support/dns/messages";

const { signal } = new AbortController();

async function server(records: Parameters<typeof dnsServer>[0]) {
  const started = await dnsServer(records);
  onTestFinished(started.stop);
  return started;
}

it("a resolver that is silent is asked after the others from then on", async () => {
  const [silent, other] = [
    await server({ "a.example": "silent", "b.example": "silent" }),
    await server({ "a.example": ["192.0.2.1"], "b.example": ["192.0.2.2"] }),
  ];
  const resolvers = resolversAt([silent.address, other.address], signal);
  expect(await resolvers.lookUp("a.example", "A")).toMatchObject({ kind: "answer" });
  expect(silent.asked).not.toEqual([]);
  const before = silent.asked.length;
  // Whoever asks next: another certificate of the run, too.
  const next = resolversAt([silent.address, other.address], signal);
  expect(await next.lookUp("b.example", "A")).toMatchObject({ kind: "answer" });
  expect(silent.asked).toHaveLength(before);
});

it("a resolver that answers one name badly stays the first", async () => {
  const isBad = (query: Buffer): boolean => query.includes(wireName(["a", "example"]));
  const named = (name: string) => [
    { name: [name, "example"], type: "A" as const, data: Buffer.from([192, 0, 2, 1]) },
  ];
  const { port } = await replyServer((query) => [
    replyTo(query, { answers: named(isBad(query) ? "$(id)" : "b") }),
  ]);
  const first = { address: `127.0.0.1:${String(port)}` };
  const second = await server({ "a.example": ["192.0.2.2"], "b.example": ["192.0.2.2"] });
  const resolvers = resolversAt([first.address, second.address], signal);
  expect(await resolvers.lookUp("a.example", "A")).toMatchObject({
    records: [{ text: "192.0.2.2" }],
  });
  expect(await resolvers.lookUp("b.example", "A")).toMatchObject({
    records: [{ text: "192.0.2.1" }],
  });
});

it("a resolver that was silent is still asked where no other one answers, and is first again then", async () => {
  const records: Parameters<typeof dnsServer>[0] = { "a.example": "silent" };
  const first = await server(records);
  const second = await dnsServer({ "a.example": ["192.0.2.1"] });
  const resolvers = resolversAt([first.address, second.address], signal);
  await resolvers.lookUp("a.example", "A");
  await second.stop();
  records["a.example"] = ["192.0.2.9"];
  for (let i = 0; i < 2; i++) {
    const found = await resolvers.lookUp("a.example", "A");
    expect(found).toMatchObject({ records: [{ text: "192.0.2.9" }] });
  }
});

/** Answers SERVFAIL to who wants signatures checked, and `unchecked` to who does not. */
async function validating(unchecked: { readonly rcode?: number }) {
  const { port } = await replyServer((query) => {
    const checkingDisabled = ((query[3] ?? 0) & 0x10) !== 0;
    return [replyTo(query, checkingDisabled ? unchecked : { rcode: 2 })];
  });
  return resolversAt([`127.0.0.1:${String(port)}`], signal);
}

it("a zone whose DNSSEC is broken is told apart from a resolver that fails", async () => {
  const broken = await (await validating({})).lookUp("a.example", "CAA");
  expect(broken).toMatchObject({
    kind: "unknown",
    reason: expect.stringMatching(
      /^CAA of a\.example: .* answers SERVFAIL, but knows the answer when it does not check DNSSEC: the zone's signatures, or the DS records at its parent, are wrong/,
    ) as string,
  });
  const failing = await (await validating({ rcode: 2 })).lookUp("a.example", "CAA");
  expect(failing).toMatchObject({ reason: expect.stringMatching(/ answers SERVFAIL$/) as string });
});
