/** One question to one server on a loopback port, which answers as it likes. */
import { createServer } from "node:net";

import { expect, it, onTestFinished } from "vitest";

import { ask, type ExchangeOptions } from "../../../sdk/dns/exchange";
import { replyServer, replyTo, wireName, wireQuestion } from "../../support/dns/messages";
import { closeServer, listenOn } from "../../support/process/ports";

const question = { name: "www.example.test", type: "CNAME", recurse: false } as const;
const asked = ["www", "example", "test"];
const options = (): ExchangeOptions => ({ signal: new AbortController().signal, tries: 1 });

const leadsTo = (...labels: string[]) => [
  { name: asked, type: "CNAME" as const, data: wireName(labels) },
];

it("a reply about another name is passed over, and the right one waited for", async () => {
  const server = await replyServer((query) => [
    replyTo(query, { question: wireQuestion(["other"], "CNAME"), answers: leadsTo("forged") }),
    replyTo(query, { answers: leadsTo("right") }),
  ]);
  const reply = await ask(server, question, options());
  expect(reply.answers.map(({ text }) => text)).toEqual(["right"]);
});

it.each([
  ["FORMERR", 1],
  ["NOTIMP", 4],
])("a server that answers EDNS with %s is asked without", async (_name, rcode) => {
  const server = await replyServer((query) => [
    query.readUInt16BE(10) > 0 ? replyTo(query, { rcode }) : replyTo(query),
  ]);
  expect((await ask(server, question, options())).rcode).toBe("NOERROR");
  expect(server.queries).toHaveLength(2);
});

it("an answer that is too large is asked for over TCP", async () => {
  const server = await replyServer((query) => [replyTo(query, { truncated: true })]);
  const tcp = createServer((socket) => {
    socket.on("data", (data) => {
      const reply = replyTo(data.subarray(2), { answers: leadsTo("whole") });
      socket.end(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 0xff]), reply]));
    });
  });
  await listenOn(tcp, server.port);
  onTestFinished(() => closeServer(tcp));
  const reply = await ask(server, question, options());
  expect(reply.answers.map(({ text }) => text)).toEqual(["whole"]);
});

it("an answer that is too large for UDP, and TCP closed, are told of as that", async () => {
  const server = await replyServer((query) => [replyTo(query, { truncated: true })]);
  await expect(ask(server, question, options())).rejects.toThrow(
    `127.0.0.1:${String(server.port)} has an answer that is too large for UDP, and over TCP it has its port closed`,
  );
});

it("a server that is silent over UDP is said to be that", async () => {
  const server = await replyServer(() => []);
  await expect(ask(server, question, { ...options(), timeoutMs: 100 })).rejects.toThrow(
    "does not answer over UDP within 0.1 s",
  );
});

it("a name that no host has is no answer", async () => {
  const server = await replyServer((query) => [
    replyTo(query, { answers: leadsTo("$(id)", "test") }),
  ]);
  await expect(ask(server, question, options())).rejects.toThrow(
    'sent an invalid DNS message: a CNAME with the name "$(id).test"',
  );
});
