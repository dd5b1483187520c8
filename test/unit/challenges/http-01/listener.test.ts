import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";

import { describe, expect, it, vi } from "vitest";

import { listener } from "../../../../sdk/challenges/http-01";
import { freePort, isListening } from "../../../support/process/ports";
import { context, proofOf } from "../../../support/ca/proofs";

async function get(
  port: number,
  path: string,
  method = "GET",
): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, { method });
  return { status: response.status, body: await response.text() };
}

const pathOf = (token: string): string => `/.well-known/acme-challenge/${token}`;

describe("a listener for http-01", () => {
  it("answers with the key authorization, and only while it is asked for", async () => {
    const port = await freePort();
    const proof = proofOf("a.example");
    const presentation = await listener({ port, address: "127.0.0.1" }).present([proof], context());
    expect(await get(port, pathOf(proof.token))).toEqual({
      status: 200,
      body: proof.keyAuthorization,
    });
    expect(await get(port, `${pathOf(proof.token)}?x=1`)).toMatchObject({ status: 200 });
    await presentation.cleanUp();
    await presentation.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("answers nothing else", async () => {
    const port = await freePort();
    const proof = proofOf("a.example");
    const presentation = await listener({ port, address: "127.0.0.1" }).present([proof], context());
    for (const path of [
      "/",
      "/.well-known/acme-challenge/",
      pathOf(`${proof.token}x`),
      `${pathOf("x")}/../${proof.token}/`,
      "/toString",
      pathOf("__proto__"),
    ]) {
      expect((await get(port, path)).status).toBe(404);
    }
    expect((await get(port, pathOf(proof.token), "POST")).status).toBe(405);
    await presentation.cleanUp();
  });

  it("is shared by two certificates that are proven at the same time", async () => {
    const port = await freePort();
    const [a, b] = [proofOf("a.example"), proofOf("b.example")];
    const solve = listener({ port, address: "127.0.0.1" });
    const [first, second] = await Promise.all([
      solve.present([a], context()),
      listener({ port, address: "127.0.0.1" }).present([b], context()),
    ]);
    expect((await get(port, pathOf(a.token))).body).toBe(a.keyAuthorization);
    expect((await get(port, pathOf(b.token))).body).toBe(b.keyAuthorization);
    await first.cleanUp();
    expect((await get(port, pathOf(a.token))).status).toBe(404);
    expect((await get(port, pathOf(b.token))).body).toBe(b.keyAuthorization);
    const [, third] = await Promise.all([second.cleanUp(), solve.present([a], context())]);
    expect((await get(port, pathOf(a.token))).body).toBe(a.keyAuthorization);
    await third.cleanUp();
    expect(await isListening(port)).toBe(false);
  });

  it("goes on answering for an authorization that two certificates share, here or on another port", async () => {
    const [port, otherPort] = [await freePort(), await freePort()];
    const proof = proofOf("a.example");
    const at = (where: number) =>
      listener({ port: where, address: "127.0.0.1" }).present([proof], context());
    const [one, same, other] = await Promise.all([at(port), at(port), at(otherPort)]);
    await one.cleanUp();
    await one.cleanUp();
    for (const where of [port, otherPort]) {
      expect((await get(where, pathOf(proof.token))).body).toBe(proof.keyAuthorization);
    }
    await same.cleanUp();
    expect(await isListening(port)).toBe(false);
    expect((await get(otherPort, pathOf(proof.token))).body).toBe(proof.keyAuthorization);
    await other.cleanUp();
    expect(await isListening(otherPort)).toBe(false);
  });

  it("answers a CA while others hold more connections than there may be", async () => {
    const port = await freePort();
    const proof = proofOf("a.example");
    const presentation = await listener({ port, address: "127.0.0.1" }).present([proof], context());
    const others: Socket[] = [];
    for (let i = 0; i < 80; i++) {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      await once(socket, "connect");
      others.push(socket);
    }
    expect((await get(port, pathOf(proof.token))).body).toBe(proof.keyAuthorization);
    await vi.waitFor(() => {
      expect(others.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(80 - 64);
    });
    expect(others.at(-1)?.closed).toBe(false);
    for (const socket of others) socket.destroy();
    await presentation.cleanUp();
  });

  it("says that another program has the port, and what to do", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const solve = listener({ port, address: "127.0.0.1" });
    await expect(solve.present([proofOf("a.example")], context())).rejects.toMatchObject({
      name: "ChallengeError",
      message: `http-01 for a.example: this machine: listen on port ${String(port)}: another program has the port; if that is a web server, prove the names by webroot or stateless instead`,
    });
    await new Promise((resolve) => other.close(resolve));
    const presentation = await solve.present([proofOf("a.example")], context());
    await presentation.cleanUp();
  });

  it("says that this machine does not have the address", async () => {
    const solve = listener({ port: await freePort(), address: "192.0.2.1" });
    await expect(solve.present([proofOf("a.example")], context())).rejects.toThrow(
      "this machine does not have that address",
    );
  });

  it("refuses a token that is none, before it listens", async () => {
    const port = await freePort();
    for (const token of [
      "",
      "short",
      "../../../../etc/passwd-and-more",
      "a".repeat(600),
      "aaaaaaaaaaaaaaaaaaaaaaaa\n",
    ]) {
      const present = listener({ port }).present([{ ...proofOf("a.example"), token }], context());
      await expect(present).rejects.toThrow("http-01 for a.example: the CA sent a token");
    }
    expect(await isListening(port)).toBe(false);
  });
});
