/** What a service's preset asks of a host. */
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";

import { applyPlan } from "../../sdk/deploy";
import { localHost } from "../../sdk/hosts/local/host";
import { listener, places, planIn } from "../support/ssh/deploy-host";

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, remove } = await places());
});
afterEach(() => remove());

it("writes nothing where the service is not installed, and says what is missing", async () => {
  const needs = [{ program: "acme-no-such-daemon", package: "no-such-package" }];
  await expect(applyPlan(localHost, planIn(folder, "1", { needs }), listener())).rejects.toThrow(
    /look for acme-no-such-daemon: it is not installed there \(on Debian: apt-get install no-such-package\).*; nothing was changed/,
  );
  expect(await readdir(folder)).toEqual([]);
});

it("finds a daemon that lies where the search path does not lead", async () => {
  const needs = [{ program: "useradd", package: "passwd" }];
  const path = process.env["PATH"];
  process.env["PATH"] = "/usr/bin:/bin";
  try {
    await applyPlan(localHost, planIn(folder, "1", { needs }), listener());
  } finally {
    process.env["PATH"] = path;
  }
  expect(await readdir(folder)).toEqual(["ssl"]);
});
