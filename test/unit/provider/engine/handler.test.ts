import { describe, expect, it } from "vitest";

import {
  guard,
  type Handler,
  PartialFailure,
  type Properties,
} from "../../../../sdk/provider/engine/handler";
import { secret } from "../../../../sdk/provider/engine/wire";

const inputs = { __provider: "loader text", __urn: "urn:pulumi:x", name: "n" };

function handlerThat(overrides: Partial<Handler>): ReturnType<typeof guard> {
  return guard({
    check: (_olds, news) => Promise.resolve({ inputs: news, failures: [] }),
    diff: () => Promise.resolve({ changes: false }),
    create: () => Promise.resolve({ outs: {} }),
    read: (id, props) => Promise.resolve({ id, props }),
    update: () => Promise.resolve({ outs: {} }),
    delete: () => Promise.resolve(),
    ...overrides,
  });
}

async function rejection(
  work: Promise<unknown>,
): Promise<Error & { id?: string; properties?: Properties; reasons?: string[] }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

describe("a guarded handler", () => {
  it("gives every resource an opaque id of its own", async () => {
    const handler = handlerThat({});
    const first = await handler.create(inputs);
    const second = await handler.create(inputs);
    expect(first.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.id).not.toBe(first.id);
  });

  it("stores the loader text and the URN, without which nothing can be destroyed later", async () => {
    const { outs } = await handlerThat({
      create: () => Promise.resolve({ outs: { a: 1 } }),
    }).create(inputs);
    expect(outs).toEqual({
      a: 1,
      stateVersion: 1,
      __provider: "loader text",
      __urn: "urn:pulumi:x",
    });
  });

  it("takes back what `check` returned, with its secrets still wrapped", async () => {
    const handler = handlerThat({
      check: (_olds, news) =>
        Promise.resolve({ inputs: { key: secret(news["key"]) }, failures: [] }),
      create: ({ key }) => Promise.resolve({ outs: { key } }),
    });
    const checked = await handler.check({}, { ...inputs, key: "k" });
    expect((await handler.create(checked.inputs)).outs).toMatchObject({ key: "k" });
  });

  it("puts the path of a failure into the reason, because the CLI prints a property's value", async () => {
    const handler = handlerThat({
      check: (_olds, news) =>
        Promise.resolve({
          inputs: news,
          failures: [{ path: "connection.password", reason: "is empty" }],
        }),
    });
    const { failures } = await handler.check({}, inputs);
    expect(failures).toEqual([{ property: "", reason: "connection.password: is empty" }]);
  });

  it("turns a partial failure into what the engine stores: id, properties with the loader text, reasons", async () => {
    const handler = handlerThat({
      update: () => Promise.reject(new PartialFailure("acme: no", { pending: { orderUrl: "u" } })),
    });
    const error = await rejection(handler.update("the-id", {}, inputs));
    expect(error.id).toBe("the-id");
    expect(error.reasons).toEqual(["acme: no"]);
    expect(error.properties).toMatchObject({
      pending: { orderUrl: "u" },
      __provider: "loader text",
    });
  });

  it("never lets a foreign error's id read as a partial failure", async () => {
    const foreign = Object.assign(new Error("boom"), { id: "someone-elses" });
    const error = await rejection(
      handlerThat({ create: () => Promise.reject(foreign) }).create(inputs),
    );
    expect(error.id).toBeUndefined();
    expect(error.message).toBe("boom");
  });

  it("shows people a message, not a stack", async () => {
    const error = await rejection(
      handlerThat({ diff: () => Promise.reject(new Error("boom")) }).diff("", {}, {}),
    );
    expect(error.stack).toBe("boom");
  });

  it("turns whatever is thrown into an error: undefined would hang the deployment", async () => {
    const error = await rejection(
      handlerThat({
        delete: () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- the point of the test
          throw undefined;
        },
      }).delete("", {}),
    );
    expect(error).toBeInstanceOf(Error);
  });

  const HOSTILE = "\u001b]0;owned\u0007\u001b[2JUpdate\r\n\u202etxt.exe\u200b\u2028\u009b1m";
  const SHOWN = "]0;owned [2JUpdate \n<U+202E>txt.exe<U+200B> 1m";

  it.each<[string, (handler: ReturnType<typeof guard>) => Promise<unknown>]>([
    ["diff", (handler) => handler.diff("", {}, {})],
    ["create", (handler) => handler.create(inputs)],
    ["read", (handler) => handler.read("", {})],
    ["update", (handler) => handler.update("", {}, inputs)],
    ["delete", (handler) => handler.delete("", {})],
  ])(
    "shows what a terminal would obey, or nobody would see, in an error of %s",
    async (_, call) => {
      const fail = () => Promise.reject(new Error(`host:${HOSTILE}`, { cause: new Error("why") }));
      const handler = handlerThat({
        diff: fail,
        create: fail,
        read: fail,
        update: fail,
        delete: fail,
      });
      const error = await rejection(call(handler));
      expect(error.message).toBe(`host: ${SHOWN}: why`);
      expect(error.stack).toBe(error.message);
    },
  );

  it("shows it in a partial failure, and in a failure of `check`", async () => {
    const handler = handlerThat({
      check: (_olds, news) =>
        Promise.resolve({ inputs: news, failures: [{ path: "a", reason: HOSTILE }] }),
      update: () => Promise.reject(new PartialFailure(HOSTILE, {})),
    });
    const error = await rejection(handler.update("", {}, inputs));
    expect([error.message, ...(error.reasons ?? [])]).toEqual([` ${SHOWN}`, ` ${SHOWN}`]);
    expect((await handler.check({}, {})).failures[0]?.reason).toBe(`a:  ${SHOWN}`);
  });

  it("puts a cause, which others may have written, on one line", async () => {
    const cause = new Error("no\nUpdate complete");
    const failing = handlerThat({ read: () => Promise.reject(new Error("acme: a\nb", { cause })) });
    expect((await rejection(failing.read("", {}))).message).toBe("acme: a\nb: no Update complete");
  });
});
