import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";

import * as acme from "../../../sdk";
import { loaderText } from "../../../sdk/resources/base";
import {
  mockEngine,
  type Registered,
  registrationOf,
  valueOf,
} from "../../support/engine/registrations";

const reference = {
  directoryUrl: "https://ca.test/dir",
  accountUrl: "https://ca.test/1",
  accountKeyPem: "KEY",
};
const connection = { host: "web-1.example.com", hostKey: "ssh-ed25519 AAAA" };

const classes = {
  AcmeAccount: {
    handler: "account",
    make: (name: string, opts?: pulumi.CustomResourceOptions) =>
      new acme.AcmeAccount(name, { directoryUrl: "https://ca.test/dir" }, opts),
  },
  AcmeOrder: {
    handler: "order",
    make: (name: string, opts?: pulumi.CustomResourceOptions) =>
      new acme.AcmeOrder(
        name,
        { account: reference, dnsNames: ["example.com"], challenge: "dns-01" },
        opts,
      ),
  },
  AcmeCertificate: {
    handler: "certificate",
    make: (name: string, opts?: pulumi.CustomResourceOptions) =>
      new acme.AcmeCertificate(name, { account: reference, dnsNames: ["example.com"] }, opts),
  },
  CertificateDeployment: {
    handler: "deployment",
    make: (name: string, opts?: pulumi.CustomResourceOptions) =>
      new acme.CertificateDeployment(
        name,
        { certificate: { fullchainPem: "PEM" }, connection },
        opts,
      ),
  },
  NginxSite: {
    handler: "nginxSite",
    make: (name: string, opts?: pulumi.CustomResourceOptions) =>
      new acme.NginxSite(name, { connection, serverNames: ["example.com"] }, opts),
  },
  ServiceConfig: {
    handler: "serviceConfig",
    make: (name: string, opts?: pulumi.CustomResourceOptions) =>
      new acme.ServiceConfig(name, { connection, path: "/etc/x.conf", content: "x" }, opts),
  },
  AcmeDnsRegistration: {
    handler: "acmeDnsRegistration",
    make: (name: string, opts?: pulumi.CustomResourceOptions) =>
      new acme.AcmeDnsRegistration(
        name,
        { url: "https://auth.example", dnsName: "example.com" },
        opts,
      ),
  },
} as const;

let registered: Registered[];
beforeEach(async () => {
  registered = await mockEngine();
});

describe("the state contract, frozen once released", () => {
  it.each([
    ["account", 'exports.handler = () => require("pulumi-acme/provider").account;\n'],
    ["order", 'exports.handler = () => require("pulumi-acme/provider").order;\n'],
    ["certificate", 'exports.handler = () => require("pulumi-acme/provider").certificate;\n'],
    ["deployment", 'exports.handler = () => require("pulumi-acme/provider").deployment;\n'],
    ["nginxSite", 'exports.handler = () => require("pulumi-acme/provider").nginxSite;\n'],
    ["serviceConfig", 'exports.handler = () => require("pulumi-acme/provider").serviceConfig;\n'],
    [
      "acmeDnsRegistration",
      'exports.handler = () => require("pulumi-acme/provider").acmeDnsRegistration;\n',
    ],
  ] as const)("the loader text of %s is this very text", (handler, text) => {
    expect(loaderText(handler)).toBe(text);
  });

  it.each(Object.entries(classes))(
    "%s has its type token and its handler's loader text",
    async (className, { handler, make }) => {
      const seen = await registrationOf(registered, make("x"), "x");

      expect(seen.type).toBe(`pulumi-nodejs:dynamic/acme:${className}`);
      expect(seen.inputs["__provider"]).toBe(loaderText(handler));
    },
  );
});

describe("__urn", () => {
  it("is the URN of a resource without a parent", async () => {
    const resource = classes.AcmeAccount.make("x");

    const seen = await registrationOf(registered, resource, "x");

    expect(seen.inputs["__urn"]).toBe(
      "urn:pulumi:stack::project::pulumi-nodejs:dynamic/acme:AcmeAccount::x",
    );
    expect(seen.inputs["__urn"]).toBe(await valueOf(resource.urn));
  });

  it("is the URN of a resource inside a component, which does not wait for itself", async () => {
    class Site extends pulumi.ComponentResource {
      readonly account: acme.AcmeAccount;
      constructor() {
        super("test:index:Site", "site");
        this.account = classes.AcmeAccount.make("inner", { parent: this });
        this.registerOutputs();
      }
    }
    const { account } = new Site();

    const seen = await registrationOf(registered, account, "inner");

    expect(seen.inputs["__urn"]).toBe(
      "urn:pulumi:stack::project::test:index:Site$pulumi-nodejs:dynamic/acme:AcmeAccount::inner",
    );
  });
});

describe("beside a real pulumi.dynamic.Resource", () => {
  it("a class of ours has the same shape: the token's form, the reserved input, a text that exports a handler", async () => {
    class Theirs extends pulumi.dynamic.Resource {
      constructor() {
        const provider: pulumi.dynamic.ResourceProvider = {
          create: (inputs: unknown) => Promise.resolve({ id: "1", outs: inputs }),
        };
        super(provider, "theirs", {}, undefined, "acme", "AcmeAccount");
      }
    }
    const theirs = await registrationOf(registered, new Theirs(), "theirs");
    const ours = await registrationOf(registered, classes.AcmeAccount.make("ours"), "ours");

    expect(ours.type).toBe(theirs.type);
    expect(typeof theirs.inputs["__provider"]).toBe("string");
    expect(Object.keys(theirs.inputs)).toEqual(["__provider"]);
    expect(handlerIn(theirs.inputs["__provider"])).toHaveProperty("create");
    const provider = { account: { create: () => undefined } };
    expect(handlerIn(ours.inputs["__provider"], { "pulumi-acme/provider": provider })).toBe(
      provider.account,
    );
  });

  /** As Pulumi's dynamic-provider process does it: evaluates the text as a module, and calls its export. */
  function handlerIn(text: unknown, modules: Record<string, unknown> = {}): unknown {
    const exports: { handler?: () => unknown } = {};
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what is tested is a text that is evaluated
    const evaluate = new Function("exports", "require", String(text)) as (
      exports: { handler?: () => unknown },
      require: (name: string) => unknown,
    ) => void;
    evaluate(exports, (name: string) => modules[name]);
    return exports.handler?.();
  }
});

describe("outputs", () => {
  it("of every class are declared: each resolves to what the engine answers", async () => {
    const answers: Record<string, Record<string, unknown>> = {
      "pulumi-nodejs:dynamic/acme:CertificateDeployment": {
        paths: { fullchain: "/etc/ssl/x/fullchain.pem" },
        reloaded: true,
      },
      "pulumi-nodejs:dynamic/acme:NginxSite": { config: "server {}", sha256: "00" },
      "pulumi-nodejs:dynamic/acme:ServiceConfig": { path: "/etc/x.conf", reloaded: false },
    };
    await mockEngine(({ type }) => answers[type] ?? {});

    const deployment = classes.CertificateDeployment.make("d");
    const site = classes.NginxSite.make("s");
    const configuration = classes.ServiceConfig.make("c");

    expect(await valueOf(deployment.paths.fullchain)).toBe("/etc/ssl/x/fullchain.pem");
    expect(await valueOf(deployment.reloaded)).toBe(true);
    expect(await valueOf(deployment.servedFingerprintSha256)).toBeUndefined();
    expect(await valueOf(site.config)).toBe("server {}");
    expect(await valueOf(configuration.path)).toBe("/etc/x.conf");
    expect(await valueOf(configuration.reloaded)).toBe(false);
  });

  it("keep the user's options beside our own", async () => {
    const parent = classes.AcmeAccount.make("parent");
    const options = { parent, additionalSecretOutputs: ["contact"] };

    const resource = classes.AcmeAccount.make("child", options);

    expect((await registrationOf(registered, resource, "child")).inputs["__urn"]).toBe(
      await valueOf(resource.urn),
    );
    expect(options.additionalSecretOutputs).toEqual(["contact"]);
  });
});

describe("the stack trace that Pulumi stores with a certificate", () => {
  it("is the line of the program alone", () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    const traces = vi.spyOn(
      pulumi.Resource as unknown as { stackTrace(): unknown[] },
      "stackTrace",
    );

    classes.AcmeCertificate.make("x");

    const [trace] = traces.mock.results.map(({ value }) => value as { uri: string }[]);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(Error.prepareStackTrace).toBe(prepareStackTrace);
    expect(trace).toHaveLength(1);
    traces.mockRestore();
  });
});
