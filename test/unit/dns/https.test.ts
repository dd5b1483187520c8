/** DNS over HTTPS, against a server within this machine. @see RFC 8484 */
import { createServer, type RequestListener } from "node:http";

import { describe, expect, it, onTestFinished } from "vitest";

import { exchangeHttps } from "../../../sdk/dns/https";
import { resolversAt } from "../../../sdk/dns/lookup";
import { encodeQuery } from "../../../sdk/dns/message";
import { dnsServer } from "../../support/dns/dns-server";
import { replyTo } from "../../support/dns/messages";
import { closeServer, listenOn } from "../../support/process/ports";

const { signal } = new AbortController();
const NAME = ["a", "example"];
const QUERY = encodeQuery(0, { name: NAME.join("."), type: "A", recurse: true }, true);

/** A resolver, and the queries that it was sent. */
async function resolver(
  answer: (...args: [...Parameters<RequestListener>, Buffer]) => void,
): Promise<{ url: string; queries: Buffer[] }> {
  const queries: Buffer[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://localhost");
    const query = Buffer.from(searchParams.get("dns") ?? "", "base64url");
    queries.push(query);
    answer(request, response, query);
  });
  const port = await listenOn(server);
  onTestFinished(() => closeServer(server));
  return { url: `http://127.0.0.1:${String(port)}/dns-query?user=1`, queries };
}

function reply(query: Buffer, address: readonly number[]): Buffer {
  return replyTo(query, { answers: [{ name: NAME, type: "A", data: Buffer.from(address) }] });
}

describe("a resolver that is asked over HTTPS", () => {
  it("answers, to a question without an identifier", async () => {
    const { url, queries } = await resolver((request, response, query) => {
      expect(request.method).toBe("GET");
      expect(request.headers.accept).toBe("application/dns-message");
      response.end(reply(query, [192, 0, 2, 1]));
    });
    const found = await resolversAt([url], signal).lookUp("a.example", "A");
    expect(found).toMatchObject({ kind: "answer", records: [{ text: "192.0.2.1" }] });
    expect(queries.map((query) => query.readUInt16BE(0))).toEqual([0]);
  });

  it.each<[string, RequestListener, RegExp]>([
    ["a status", (_, response) => response.writeHead(503).end(), /answers with status 503/],
    ["a page", (_, response) => response.end("<html>"), /answers something else than DNS/],
    ["too much", (_, response) => response.end("x".repeat(70_000)), /something else than DNS/],
    ["a closed connection", ({ socket }) => socket.destroy(), /fails: /],
  ])("is named when it gives %s", async (_, answer, words) => {
    const { url } = await resolver(answer);
    const { host } = new URL(url);
    const asked = exchangeHttps({ url }, QUERY, { signal });
    await expect(asked).rejects.toThrow(words);
    await expect(asked).rejects.toThrow(host);
  });

  it("is named when it is silent", async () => {
    const { url } = await resolver(() => undefined);
    const asked = exchangeHttps({ url }, QUERY, { signal, timeoutMs: 50 });
    await expect(asked).rejects.toThrow(/does not answer within 0.05 s/);
  });

  it("gives way to the next one", async () => {
    const broken = await resolver((_, response) => response.writeHead(500).end());
    const other = await dnsServer({ "a.example": ["192.0.2.2"] });
    onTestFinished(other.stop);
    const found = await resolversAt([broken.url, other.address], signal).lookUp("a.example", "A");
    expect(found).toMatchObject({ kind: "answer", records: [{ text: "192.0.2.2" }] });
  });
});
