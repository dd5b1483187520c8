import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import { mockEngine, valueOf } from "../../support/engine/registrations";

const ANSWER = {
  record: { name: "_acme-challenge.example.com", type: "CNAME", value: "d420.auth.example.org" },
  credentials: { url: "https://auth.example.org", username: "u", password: "p", subdomain: "d420" },
};

const make = (name: string) =>
  new acme.AcmeDnsRegistration(name, { url: "https://auth.example.org", dnsName: "*.Example.com" });

describe("the outputs of an AcmeDnsRegistration", () => {
  it("are the record to create, and the arguments of the solver", async () => {
    await mockEngine(() => ANSWER);
    const registration = make("x");
    const solver: acme.SolverArgs = { dns01: { acmeDns: registration.credentials } };
    expect(solver).toBeDefined();
    expect(await valueOf(registration.record)).toEqual(ANSWER.record);
    expect(await valueOf(registration.credentials)).toEqual(ANSWER.credentials);
    expect(await pulumi.isSecret(registration.record.value)).toBe(false);
  });

  it("tell the record's name and type in a preview, and nothing else", async () => {
    await mockEngine(() => ({}), true);
    const { record, credentials } = make("x");
    // `isKnown` is how Pulumi itself tells whether a value may be sent to the engine.
    const isKnown = (output: unknown) => (output as { isKnown: Promise<boolean> }).isKnown;
    expect(await isKnown(record.name)).toBe(true);
    expect(await valueOf(record.name)).toBe("_acme-challenge.example.com");
    expect(await valueOf(record.type)).toBe("CNAME");
    expect(await isKnown(record.value)).toBe(false);
    expect(await isKnown(credentials)).toBe(false);
  });
});
