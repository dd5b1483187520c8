/** The shell of a resource: what the engine calls, from what the resource decides and does. */
import { describe, expect, it, vi } from "vitest";

import { type Decision, defineResource } from "../../../../sdk/provider/engine/resource";

interface Args {
  readonly size: number;
}

interface State {
  readonly size: number;
  readonly __arguments: Args;
}

const URN = "urn:pulumi:stack::project::pulumi-nodejs:dynamic/acme:Thing::my::thing";

function thing() {
  const operations = {
    create: vi.fn((args: Args) => Promise.resolve<State>({ size: args.size, __arguments: args })),
    update: vi.fn((_state: State, args: Args) =>
      Promise.resolve<State>({ size: args.size, __arguments: args }),
    ),
    read: vi.fn((state: State) => Promise.resolve(state)),
    delete: vi.fn<(state: State, context: unknown, living?: State) => Promise<void>>(() =>
      Promise.resolve(),
    ),
  };
  const load = vi.fn(() => Promise.resolve(operations));
  const decide = (state: State, { size }: Args): Decision<"grow"> =>
    size === state.size
      ? { action: "none" }
      : size < state.size
        ? { action: "replace", reason: "shrinks", replaces: ["size"] }
        : { action: "grow", reason: "grows" };
  const handler = defineResource<Args, State, Decision<"grow">>({
    check: (inputs) => ({ inputs, failures: [] }),
    decide,
    operations: load,
    needsDelete: ({ size }) => size > 0,
  });
  return { handler, operations, load };
}

describe("a resource", () => {
  const inputs = { size: 1, __provider: "text", __urn: URN };
  const olds = { size: 1, __arguments: { size: 1 } };

  it("is given its arguments without the engine's own keys, and whose operation it is", async () => {
    const { handler, operations } = thing();
    expect(await handler.create(inputs)).toEqual({ outs: olds });
    expect(operations.create).toHaveBeenCalledWith(
      { size: 1 },
      expect.objectContaining({ urn: URN, name: "my::thing" }),
    );
  });

  it("says in a diff whether it changes and what replaces it, and loads nothing for it", async () => {
    const { handler, load } = thing();
    expect(await handler.diff("id", olds, inputs)).toEqual({ changes: false });
    expect(await handler.diff("id", olds, { ...inputs, size: 2 })).toEqual({ changes: true });
    expect(await handler.diff("id", olds, { ...inputs, size: 0 })).toEqual({
      changes: true,
      replaces: ["size"],
    });
    expect(load).not.toHaveBeenCalled();
  });

  it("hands an update what was decided", async () => {
    const { handler, operations } = thing();
    await handler.update("id", olds, { ...inputs, size: 2 });
    const decision = { action: "grow", reason: "grows" };
    expect(operations.update).toHaveBeenCalledWith(olds, { size: 2 }, decision, expect.anything());
  });

  it("is read from its outputs", async () => {
    const { handler } = thing();
    expect(await handler.read("id", olds)).toEqual({ id: "id", props: olds });
  });

  it("is deleted only where there is something to undo", async () => {
    const { handler, operations, load } = thing();
    await handler.delete("id", { ...olds, size: 0 });
    expect(load).not.toHaveBeenCalled();
    await handler.delete("id", olds);
    expect(operations.delete).toHaveBeenCalledOnce();
  });

  describe("that is deleted", () => {
    const old = { size: 2, __arguments: { size: 2 }, __urn: URN };
    const seen = (operations: ReturnType<typeof thing>["operations"]): unknown =>
      operations.delete.mock.calls.at(-1)?.at(2);

    it("knows what this process created in its place", async () => {
      const { handler, operations } = thing();
      await handler.diff("id", old, inputs);
      await handler.create(inputs);
      await handler.delete("id", old);
      expect(seen(operations)).toEqual(olds);
    });

    it("knows it also where an alias has given the replacement another URN", async () => {
      const { handler, operations } = thing();
      const renamed = { ...inputs, __urn: `${URN}-renamed` };
      await handler.diff("id", old, renamed);
      await handler.create(renamed);
      await handler.delete("id", old);
      expect(seen(operations)).toEqual(olds);
    });

    it("knows, where its deletion was left over from another run, what lives on", async () => {
      const { handler, operations } = thing();
      await handler.diff("id", olds, inputs);
      await handler.delete("id", old);
      expect(seen(operations)).toEqual(olds);
    });

    it("knows of nothing in a destroy, before the replacement is done, and of other URNs", async () => {
      const { handler, operations } = thing();
      await handler.delete("id", old);
      expect(seen(operations)).toBeUndefined();
      await handler.diff("id", old, inputs);
      await handler.delete("id", old);
      expect(seen(operations)).toBeUndefined();
      await handler.create({ ...inputs, __urn: `${URN}-2` });
      await handler.delete("id", old);
      expect(seen(operations)).toBeUndefined();
    });
  });
});
