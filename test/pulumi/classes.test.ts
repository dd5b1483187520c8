import { afterAll, beforeAll, expect, it } from "vitest";
import { type Pebble, startPebble } from "../support/ca/pebble";
import { createStack, type Stack } from "../support/engine/pulumi";
import { describeWithTools } from "../support/process/tools";

const program = `
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();

class Ca extends pulumi.ComponentResource {
  readonly account: acme.AcmeAccount;
  constructor(name: string) {
    super("test:index:Ca", name);
    this.account = new acme.AcmeAccount(name, {
      directoryUrl: config.require("directoryUrl"),
      caBundlePem: config.require("caBundlePem"),
      termsOfServiceAgreed: true,
    }, { parent: this });
    this.registerOutputs();
  }
}

const { account } = new Ca("ca");
export const urn = account.urn;
export const caa = account.caaRecords("example.com", { methods: ["http-01"] });
export const accountUrl = account.accountUrl;
export const accountKey = account.accountKeyPem;
`;

describeWithTools(["pulumi", "pebble"], "the classes on the real engine", () => {
  let pebble: Pebble;
  let stack: Stack;
  beforeAll(async () => {
    pebble = await startPebble();
    const { directoryUrl, caBundlePem } = pebble;
    stack = await createStack(program, { config: { directoryUrl, caBundlePem } });
  });
  afterAll(async () => {
    await stack.stop();
    await pebble.stop();
  });

  it("work inside of a component, and know their own URN", async () => {
    const { changes, diagnostics } = await stack.up();
    const { resources } = await stack.exportState();
    const account = resources.find(({ type }) => type.endsWith(":AcmeAccount"));

    expect(changes).toMatchObject({ create: 3 });
    expect(account?.urn).toContain("test:index:Ca$pulumi-nodejs:dynamic/acme:AcmeAccount::ca");
    expect(account?.inputs?.["__urn"]).toBe(account?.urn);
    expect(diagnostics.some(({ urn }) => urn === account?.urn)).toBe(true);
  });

  it("give CAA records for the account, and keep its key a secret", async () => {
    const { caa, accountUrl } = await stack.outputs();
    const { stdout } = await stack.run(["stack", "output", "--json"]);

    expect(caa).toEqual([
      {
        name: "example.com",
        type: "CAA",
        flags: 0,
        tag: "issue",
        value: `pebble.test; accounturi=${String(accountUrl)}; validationmethods=http-01`,
      },
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ accountKey: "[secret]" });
  });
});
