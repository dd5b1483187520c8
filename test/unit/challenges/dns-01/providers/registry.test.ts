/** The list of DNS providers. */
import type * as pulumi from "@pulumi/pulumi";
import type * as v from "valibot";
import { describe, expect, expectTypeOf, it } from "vitest";

import { createDnsProvider, DNS_PROVIDERS } from "../../../../../sdk/challenges/dns-01/providers";
import type { Dns01Kinds } from "../../../../../sdk/resources/dns-solver-args";

type Plain<T> = Exclude<T, PromiseLike<unknown> | pulumi.OutputInstance<unknown>>;

describe("the DNS providers", () => {
  it("have the arguments that the classes declare, all of them and no others", () => {
    type Declared = { [Name in keyof Dns01Kinds]: keyof Plain<Dns01Kinds[Name]> };
    type Checked = {
      [Name in keyof typeof DNS_PROVIDERS]: keyof v.InferOutput<
        (typeof DNS_PROVIDERS)[Name]["schema"]
      >;
    };
    expectTypeOf<Checked>().toEqualTypeOf<Declared>();
  });

  it.each(Object.entries(DNS_PROVIDERS))("load when they are needed: %s", async (_, { load }) => {
    const { createProvider } = await load();
    expect(createProvider).toBeTypeOf("function");
  });

  it("are made from the arguments of the one that is given", async () => {
    const provider = await createDnsProvider({
      acmeDns: { url: "https://a.test", username: "u", password: "p", subdomain: "s" },
    });
    expect(provider.label).toBe("acme-dns at a.test");
  });

  it("are not guessed where none is given", async () => {
    await expect(createDnsProvider({})).rejects.toThrow(
      "solvers: an entry for DNS names no provider",
    );
  });
});
