import { expect, it } from "vitest";

import { optionalPackage } from "../../../../sdk/challenges/dns-01/optional-package";
import { ConfigurationError } from "../../../../sdk/util/errors";

it("an optional package that is not installed is named, with how to install it", async () => {
  const name: string = "@nobody/has-this";
  const load = (): Promise<unknown> => import(name);
  const loaded = optionalPackage(name, "the solver x needs", load);
  await expect(loaded).rejects.toThrow(ConfigurationError);
  await expect(loaded).rejects.toThrow(
    "the solver x needs the package @nobody/has-this, which is not installed: npm install @nobody/has-this",
  );
});

it("an optional package that is installed and fails is not said to be missing", async () => {
  const load = () => Promise.reject(new SyntaxError("of its own"));
  await expect(optionalPackage("jose", "the solver x needs", load)).rejects.toThrow(SyntaxError);
});
