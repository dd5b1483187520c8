/** What publishes the package, as far as nothing leaves this machine. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { validateWorkflow } from "@action-validator/core";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const repository = resolve(__dirname, "../..");
const workflows = readdirSync(join(repository, ".github/workflows"));

const textOf = (workflow: string): string =>
  readFileSync(join(repository, ".github/workflows", workflow), "utf8");

describe.each(workflows)("the workflow %s", (workflow) => {
  it("is one by GitHub's schema, and may read by default", () => {
    expect(validateWorkflow(textOf(workflow)).errors).toEqual([]);
    expect(parse(textOf(workflow))).toMatchObject({ permissions: { contents: "read" } });
  });

  it("uses actions by their commit, and names no token", () => {
    const uses = [...textOf(workflow).matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/@[0-9a-f]{40}$/.test(action ?? ""))).toEqual([]);
    expect(textOf(workflow)).not.toMatch(/secrets\./);
  });
});

describe("the release script", () => {
  const release = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["tools/release.mjs", ...args], { cwd: repository });

  it("in a dry run makes the tarball, the list of its dependencies and the notes, and publishes nothing", async () => {
    const { stdout } = await release("--dry-run");
    expect(stdout).toMatch(/^pulumi-acme \d+\.\d+\.\d+: \d+ files/m);
    const made = (name: string): string => readFileSync(join(repository, ".release", name), "utf8");
    const { components } = JSON.parse(made("sbom.cdx.json")) as { components: { name: string }[] };
    const names = components.map(({ name }) => name);
    expect(names).toContain("jose");
    expect(names).not.toContain("vitest");
    expect(made("notes.md")).toContain("AcmeCertificate");
  });

  it("refuses a tag of another version", async () => {
    await expect(release("--dry-run", "--tag", "v99.0.0")).rejects.toThrow("the tag is v99.0.0");
  });
});
