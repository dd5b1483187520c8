import { createServer, type IncomingMessage } from "node:http";

import { describe, expect, it, onTestFinished } from "vitest";

import { webhook } from "../../../../sdk/challenges/http-01";
import { context, proofOf } from "../../../support/ca/proofs";

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** A service that notes what it is asked, and answers as `answer` says. */
async function service(
  answer: (call: Call, count: number) => { status: number; body?: string; location?: string },
): Promise<{ url: string; port: number; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const { method, url, headers } = request;
      const call = {
        method,
        url,
        authorization: headers.authorization,
        type: headers["content-type"],
        body: JSON.parse(text) as unknown,
      };
      calls.push(call);
      const { status, body, location } = answer(call, calls.length);
      response.writeHead(status, location === undefined ? {} : { location }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${String(port)}`, port, calls };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const ok = (): { status: number } => ({ status: 204 });

describe("http-01 by a web service", () => {
  it("posts each name's token and key authorization, with basic authentication, and then cleans up", async () => {
    const { url, calls } = await service(ok);
    const proofs = [proofOf("a.example"), proofOf("127.0.0.1", "ip")];
    const solver = webhook({ url: `${url}/acme/?tenant=7`, username: "us:er", password: "pä" });
    expect(solver.label).toBe(`http-01 by the webhook ${url}`);
    const presentation = await solver.present(proofs, context());
    await presentation.cleanUp();
    await presentation.cleanUp();
    const expected = (action: string): Call[] =>
      proofs.map(({ identifier, token, keyAuthorization }) => ({
        method: "POST",
        url: `/acme/${action}?tenant=7`,
        authorization: `Basic ${Buffer.from("us:er:pä").toString("base64")}`,
        type: "application/json",
        body: { identifier: identifier.value, token, keyAuthorization },
      }));
    const inOrder = (list: Call[]): Call[] =>
      list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    expect(inOrder(calls.slice(0, 2))).toEqual(inOrder(expected("present")));
    expect(inOrder(calls.slice(2))).toEqual(inOrder(expected("cleanup")));
  });

  it("is asked to clean up by the last certificate that shares an authorization", async () => {
    const { url, calls } = await service(ok);
    const proof = proofOf("a.example");
    const [one, other] = [
      await webhook({ url }).present([proof], context()),
      await webhook({ url }).present([proof], context()),
    ];
    await one.cleanUp();
    expect(calls.map((call) => call.url)).toEqual(["/present", "/present"]);
    await other.cleanUp();
    expect(calls.map((call) => call.url)).toEqual(["/present", "/present", "/cleanup"]);
  });

  it("sends no authentication without credentials", async () => {
    const { url, calls } = await service(ok);
    await (await webhook({ url }).present([proofOf("a.example")], context())).cleanUp();
    expect(calls.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it("says what it answered, and undoes all that was tried", async () => {
    const { url, calls } = await service(({ body, url: path }) => {
      const { identifier } = body as { identifier: string };
      return identifier === "b.example" && path === "/present"
        ? { status: 403, body: "not\nyour zone" }
        : ok();
    });
    const solver = webhook({ url, username: "u", password: "s3cret-word" });
    const present = solver.present([proofOf("a.example"), proofOf("b.example")], context());
    await expect(present).rejects.toMatchObject({
      name: "ChallengeError",
      message: `the webhook ${url}: present: http-01 for b.example: it answers 403 (check username and password): not your zone`,
    });
    expect(calls.filter(({ url: path }) => path === "/cleanup")).toHaveLength(2);
  });

  it("does not follow a redirect, which would carry the credentials elsewhere", async () => {
    const elsewhere = await service(ok);
    const { url } = await service(() => ({ status: 307, location: elsewhere.url }));
    const present = webhook({ url, username: "u", password: "p" }).present(
      [proofOf("a.example")],
      context(),
    );
    await expect(present).rejects.toThrow("it answers 307");
    expect(elsewhere.calls).toEqual([]);
  });

  it("is patient with a service that is busy", async () => {
    const { url, calls } = await service((_, count) => ({ status: count === 1 ? 503 : 200 }));
    await webhook({ url }).present([proofOf("a.example")], context());
    expect(calls.map(({ url: path }) => path)).toEqual(["/present", "/present"]);
  });

  it("stops with the issuance, and cleans up all the same", async () => {
    const controller = new AbortController();
    const { url, calls } = await service(({ url: path }) => {
      if (path === "/present") controller.abort(new Error("stopped by the test"));
      return ok();
    });
    const present = webhook({ url }).present([proofOf("a.example")], {
      ...context(),
      signal: controller.signal,
    });
    await expect(present).rejects.toThrow("stopped by the test");
    expect(calls.map(({ url: path }) => path)).toEqual(["/present", "/cleanup"]);
  });
});
