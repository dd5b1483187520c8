/** The stacks that tests run on the real engine: a tiny dynamic resource goes through its whole life. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createStack, type Stack } from "../support/engine/pulumi";
import { temporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";

const program = (text: string): string => `
  import * as pulumi from "@pulumi/pulumi";
  import { Journal } from "./journal";
  const config = new pulumi.Config();
  const entry = new Journal("entry", { text: ${JSON.stringify(text)}, delay: config.getNumber("delay") ?? 0 });
  export const echoed = entry.text;
  export const token = config.getSecret("token");
`;

/** A dynamic resource that writes down what is asked of it. */
const journal = `
  const pulumi = require("@pulumi/pulumi");
  const provider = {
    diff: async (id, olds, news) => ({ changes: olds.text !== news.text }),
    create: async (inputs) => {
      const fs = require("node:fs");
      fs.appendFileSync("journal.txt", "begin " + inputs.text + "\\n");
      if (inputs.text === "refused") throw new Error("this text is refused");
      await new Promise((resolve) => setTimeout(resolve, inputs.delay));
      fs.appendFileSync("journal.txt", "created " + inputs.text + "\\n");
      return { id: "1", outs: { text: inputs.text } };
    },
    update: async (id, olds, news) => ({ outs: { text: news.text } }),
  };
  exports.Journal = class extends pulumi.dynamic.Resource {
    constructor(name, args, opts) { super(provider, name, args, opts); }
  };
`;

describeWithTools(["pulumi"], "a stack on the real engine", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await createStack(program("first"), {
      files: { "journal.js": journal },
      config: { token: { secret: "s3cret-value" } },
    });
  });
  afterAll(() => stack.stop());
  const lines = (): Promise<string> =>
    readFile(join(stack.directory, "journal.txt"), "utf8").catch(() => "");

  it("creates, and shows outputs, state and steps", async () => {
    const result = await stack.up();
    expect(result.changes).toEqual({ create: 2 });
    expect(result.steps).toContainEqual(
      expect.objectContaining({ op: "create", name: "entry", failed: false }),
    );
    expect(await stack.outputs()).toEqual({ echoed: "first", token: "s3cret-value" });
    const state = await stack.exportState();
    expect(state.resources.map(({ type }) => type)).toContain("pulumi-nodejs:dynamic:Resource");
    expect(state.text).not.toContain("s3cret-value");
  });

  it("changes nothing when nothing changed", async () => {
    expect((await stack.up()).changes).toEqual({ same: 2 });
    expect((await stack.preview()).changes).toEqual({ same: 2 });
  });

  it("updates in place", async () => {
    await stack.setProgram(program("second"));
    expect((await stack.up({ skipPreview: true })).changes).toEqual({ same: 1, update: 1 });
  });

  it("hands over a failure that was expected, and throws one that was not", async () => {
    await stack.destroy();
    await stack.setProgram(program("refused"));
    const result = await stack.up({ expectFailure: true });
    expect(result.diagnostics.map(({ message }) => message).join("\n")).toContain(
      "this text is refused",
    );
    await expect(stack.up()).rejects.toThrow("this text is refused");
  });

  it("lets a running operation finish after one Ctrl-C", async () => {
    await stack.setConfig("delay", "1500");
    await stack.setProgram(program("slow"));
    const up = stack.startUp({ skipPreview: true });
    await expect.poll(lines, { timeout: 20_000 }).toContain("begin slow");
    up.interrupt();
    expect((await up.finished).code).not.toBe(0);
    expect(await lines()).toContain("created slow");
    await stack.destroy();
  });

  it("leaves a lock and a pending operation behind when it is killed", async () => {
    await stack.setProgram(program("killed"));
    const up = stack.startUp({ skipPreview: true });
    await expect.poll(lines, { timeout: 20_000 }).toContain("begin killed");
    up.kill();
    expect((await up.finished).code).toBe(137);
    await expect(stack.destroy()).rejects.toThrow("locked");
    expect((await stack.exportState()).pendingOperations).toHaveLength(1);
    await stack.cancel();
    await stack.up();
    await stack.destroy();
    // The first attempt died with its plugin, the second went through.
    expect((await lines()).match(/(begin|created) killed/g)).toEqual([
      "begin killed",
      "begin killed",
      "created killed",
    ]);
  });
});

describeWithTools(["pulumi"], "a TypeScript project in a folder", () => {
  it("is run as it is, with its types checked", async () => {
    await using folder = await temporaryDirectory("project-");
    const write = (name: string, text: string): Promise<void> =>
      writeFile(join(folder.path, name), text);
    await write("Pulumi.yaml", "name: folder\nruntime: nodejs\n");
    await write("package.json", JSON.stringify({ name: "folder", main: "index.ts" }));
    await write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: { strict: true, module: "node20", target: "es2022" } }),
    );
    const text = (type: string): string => `
      import { directories } from "pulumi-acme";
      export const url: ${type} = directories.letsEncrypt;
    `;
    await write("index.ts", text("string"));
    const stack = await createStack({ directory: folder.path });
    try {
      expect((await stack.up()).changes).toEqual({ create: 1 });
      expect(Object.keys(await stack.outputs())).toEqual(["url"]);
      await writeFile(join(stack.directory, "index.ts"), text("number"));
      const result = await stack.preview({ expectFailure: true });
      expect(result.stdout + result.stderr).toContain("is not assignable to type 'number'");
    } finally {
      await stack.stop();
    }
  });
});
