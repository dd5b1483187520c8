/** What a name server says does not reach the programs that change DNS, unless it is a name. */
import { expect, it, vi } from "vitest";

import { dns01Solver } from "../../../../sdk/challenges/dns-01";
import { replyServer, replyTo, wireName, wireQuestion } from "../../../support/dns/messages";
import { dnsProof, solverContext } from "../../../support/dns/records";

const asked = ["_acme-challenge", "a", "example"];
const CNAME_QUESTION = wireQuestion(asked, "CNAME");
const NXDOMAIN = 3;

/** A resolver that knows nothing but where the challenge's name leads. */
async function resolverThatLeadsTo(...labels: string[]): Promise<string> {
  const answers = [{ name: asked, type: "CNAME" as const, data: wireName(labels) }];
  const { address, port } = await replyServer((query) => {
    const isCname = query.subarray(12, 12 + CNAME_QUESTION.length).equals(CNAME_QUESTION);
    return [replyTo(query, isCname ? { answers } : { rcode: NXDOMAIN })];
  });
  return `${address}:${String(port)}`;
}

const service = () => ({
  label: "hook",
  add: vi.fn(() => Promise.resolve()),
  remove: vi.fn(() => Promise.resolve()),
});

it("a CNAME to a name is followed", async () => {
  const provider = service();
  const resolvers = [await resolverThatLeadsTo("a", "acme", "test")];
  const solver = dns01Solver({ provider, resolvers, propagation: { check: "none" } });
  await solver.present([dnsProof("a.example")], solverContext());
  expect(provider.add).toHaveBeenCalledWith(
    [expect.objectContaining({ name: "a.acme.test" })],
    expect.anything(),
  );
});

it.each([
  ["a command", "-x$(touch pwn);`id`"],
  ["an escape sequence", "\u001b[31m"],
  ["a dot within a label", "b.example"],
])("a CNAME to %s is an error before any program is called", async (_what, label) => {
  const provider = service();
  const resolvers = [await resolverThatLeadsTo(label, "attacker", "example")];
  const solver = dns01Solver({ provider, resolvers, propagation: { check: "none" } });
  await expect(solver.present([dnsProof("a.example")], solverContext())).rejects.toThrow(
    "sent an invalid DNS message: a CNAME with the name",
  );
  expect(provider.add).not.toHaveBeenCalled();
});
