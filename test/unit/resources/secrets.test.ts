import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import { registration } from "../../../sdk/resources/base";
import { markSecrets } from "../../../sdk/resources/secret-arguments";
import { SECRET_ARGUMENTS } from "../../../sdk/util/secret-names";
import { mockEngine, registrationOf, secretValue } from "../../support/engine/registrations";

/** The arguments with `<secret>` where one is marked. */
function shape(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) return "<secret>";
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item)]));
}

describe("arguments that are secret by their name", () => {
  it.each([...SECRET_ARGUMENTS])("%s becomes secret at any depth", async (name) => {
    const marked = markSecrets({
      [name]: "S",
      a: { [name]: "S" },
      list: [{ b: { [name]: "S" } }],
    }) as Record<string, unknown>;

    expect(shape(marked)).toEqual({
      [name]: "<secret>",
      a: { [name]: "<secret>" },
      list: [{ b: { [name]: "<secret>" } }],
    });
    expect(await pulumi.isSecret(marked[name] as pulumi.Output<string>)).toBe(true);
  });

  it("leave their neighbours in clear", () => {
    const connection = {
      host: "h",
      port: 22,
      password: "S",
      proxy: { host: "p", privateKey: "S" },
    };

    expect(shape(markSecrets({ connection, sudo: true }))).toEqual({
      connection: {
        host: "h",
        port: 22,
        password: "<secret>",
        proxy: { host: "p", privateKey: "<secret>" },
      },
      sudo: true,
    });
  });

  it("become secret where their value is an Output or a promise", async () => {
    const marked = markSecrets({
      password: pulumi.output("S"),
      privateKey: Promise.resolve("S"),
    }) as {
      password: pulumi.Output<string>;
      privateKey: pulumi.Output<string>;
    };

    expect(await pulumi.isSecret(marked.password)).toBe(true);
    expect(await pulumi.isSecret(marked.privateKey)).toBe(true);
  });

  it("stay away where they are undefined", () => {
    expect(markSecrets({ password: undefined })).toEqual({ password: undefined });
  });
});

describe("what a class registers", () => {
  it("has its secrets marked", async () => {
    const registered = await mockEngine();
    const account = new acme.AcmeAccount("a", {
      directoryUrl: "https://ca.test/dir",
      accountKeyPem: "KEY",
      externalAccountBinding: { keyId: "kid", hmacKey: "HMAC" },
    });

    const { inputs } = await registrationOf(registered, account, "a");

    expect(inputs["directoryUrl"]).toBe("https://ca.test/dir");
    expect(secretValue(inputs["accountKeyPem"])).toBe("KEY");
    expect(secretValue(inputs["externalAccountBinding"])).toEqual({
      keyId: "kid",
      hmacKey: "HMAC",
    });
  });

  it("has secret outputs: the class's, the request that it was made from, and the user's own", () => {
    const kind = {
      className: "X",
      handler: "account",
      outputs: {},
      secretOutputs: ["key"],
    } as const;

    const [, , , options] = registration(kind, "x", {}, { additionalSecretOutputs: ["mine"] });

    expect(options?.additionalSecretOutputs).toEqual(["mine", "key", "__arguments", "__state"]);
  });
});
