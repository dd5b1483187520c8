/**
 * States as released versions wrote them: upgrading the package must cause no difference.
 *
 * A new file is added with each release; an old one is never changed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import * as provider from "../../../sdk/provider";
import type { Properties } from "../../../sdk/provider/engine/handler";

interface Released {
  readonly type: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

const folder = join(__dirname, "../../fixtures/states");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

/** The handler that the stored loader text names, as the engine finds it. */
function handlerOf({ inputs }: Released) {
  const name = /\.(\w+);\n$/.exec(inputs["__provider"] as string)?.[1] as keyof typeof provider;
  return provider[name];
}

function read(file: string): Released[] {
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as Released[];
}

/** The day on which the certificate of a state was issued: later it would be due. */
function dayOf(released: readonly Released[]): Date {
  const issued = released.find(({ outputs }) => outputs["notBefore"] !== undefined);
  return new Date(issued?.outputs["notBefore"] as string);
}

describe.each(files)("the state of %s", (file) => {
  const released = read(file);

  beforeEach(() => {
    vi.useFakeTimers({ now: dayOf(released), toFake: ["Date"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(released.map((resource) => [resource.type.replace(/.*:/, ""), resource] as const))(
    "%s: the same arguments are no difference",
    async (_class, resource) => {
      const handler = handlerOf(resource);
      // What a program cannot write: `check` puts it in.
      const written = Object.fromEntries(
        Object.entries(resource.inputs).filter(([key]) => key !== "paths"),
      );
      const { inputs, failures } = await handler.check(resource.inputs, written);
      expect(failures).toEqual([]);
      expect(Object.keys(inputs).sort()).toEqual(Object.keys(resource.inputs).sort());
      expect(await handler.diff("id", resource.outputs, resource.inputs)).toEqual({
        changes: false,
      });
    },
  );

  it("is of a known version", () => {
    for (const { outputs } of released) expect(outputs["stateVersion"]).toBe(1);
  });
});
