import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import {
  clear,
  mockEngine,
  type Registered,
  registrationOf,
  secretValue,
  valueOf,
} from "../../support/engine/registrations";

const account = {
  directoryUrl: "https://ca.test/dir",
  accountUrl: "https://ca.test/1",
  accountKeyPem: "KEY",
};

/** What the CA said, as the handler stores it. */
function challengesOf({ inputs }: Registered): Record<string, unknown> {
  const dnsNames = inputs["dnsNames"] as string[];
  return {
    orderUrl: "https://ca.test/order/1",
    challenges: dnsNames.map((dnsName) => ({
      dnsName,
      name: `name of ${dnsName}`,
      value: dnsName,
    })),
  };
}

let registered: Registered[];
beforeEach(async () => {
  registered = await mockEngine((args) =>
    args.type.endsWith(":AcmeOrder") ? challengesOf(args) : {},
  );
});

function order(dnsNames: string[], challenge: acme.OrderChallenge = "dns-01"): acme.AcmeOrder {
  return new acme.AcmeOrder("wild", { account, dnsNames, challenge });
}

describe("the records of an order", () => {
  it("are a plain array with a key and a name for each DNS name, before anything runs", () => {
    const { dnsRecords, httpResources } = order([
      "Example.com.",
      "*.example.com",
      "bücher.example",
    ]);
    expect(
      dnsRecords.map(({ key, dnsName, name, type }) => ({ key, dnsName, name, type })),
    ).toEqual([
      {
        key: "wild-example.com",
        dnsName: "example.com",
        name: "_acme-challenge.example.com",
        type: "TXT",
      },
      {
        key: "wild-_wildcard.example.com",
        dnsName: "*.example.com",
        name: "_acme-challenge.example.com",
        type: "TXT",
      },
      {
        key: "wild-xn--bcher-kva.example",
        dnsName: "xn--bcher-kva.example",
        name: "_acme-challenge.xn--bcher-kva.example",
        type: "TXT",
      },
    ]);
    expect(httpResources).toEqual([]);
  });

  it("have keys that do not depend on place, and one entry for a name that is given twice", () => {
    const keys = (names: string[]): string[] => order(names).dnsRecords.map(({ key }) => key);
    expect(keys(["b.example", "a.example"]).sort()).toEqual(keys(["a.example", "b.example"]));
    expect(keys(["a.example", "A.example."])).toEqual(["wild-a.example"]);
  });

  it("have the values that the order gives, by name", async () => {
    const { dnsRecords } = order(["b.example", "a.example"]);
    expect(await Promise.all(dnsRecords.map(({ value }) => valueOf(value)))).toEqual([
      "b.example",
      "a.example",
    ]);
  });

  it("as sets put a name and its wildcard together, with distinct values", async () => {
    const { dnsRecordSets } = order(["*.example.com", "example.com", "a.example"]);
    expect(dnsRecordSets.map(({ key, name, type }) => [key, name, type])).toEqual([
      ["wild-example.com", "_acme-challenge.example.com", "TXT"],
      ["wild-a.example", "_acme-challenge.a.example", "TXT"],
    ]);
    const [both] = dnsRecordSets;
    expect(await valueOf((both as acme.DnsChallengeRecordSet).values)).toEqual([
      "*.example.com",
      "example.com",
    ]);
  });

  it.each([
    ["one name of two needs no proof", ["none-required", "value"], ["value"]],
    ["none does", ["none-required", "none-required"], ["none-required"]],
    ["both have the same value", ["value", "value"], ["value"]],
  ])("as sets hold %s", async (_what, values, expected) => {
    await mockEngine(() => ({
      challenges: [
        { dnsName: "example.com", name: "", value: values[0] },
        { dnsName: "*.example.com", name: "", value: values[1] },
      ],
    }));
    const [set] = order(["example.com", "*.example.com"]).dnsRecordSets;
    expect(await valueOf((set as acme.DnsChallengeRecordSet).values)).toEqual(expected);
  });

  it("are files with http-01", async () => {
    const { httpResources, dnsRecords, dnsRecordSets } = order(["a.example"], "http-01");
    const [file] = httpResources as [acme.HttpChallengeResource];
    expect([file.key, file.dnsName]).toEqual(["wild-a.example", "a.example"]);
    expect([await valueOf(file.path), await valueOf(file.body)]).toEqual([
      "name of a.example",
      "a.example",
    ]);
    expect([dnsRecords, dnsRecordSets]).toEqual([[], []]);
  });
});

describe("names that are known only later", () => {
  it.each<[string, unknown, string]>([
    ["a list in an Output", pulumi.output(["a.example"]), "dnsNames is an Output"],
    ["a name in an Output", ["a.example", pulumi.output("b.example")], "dnsNames[1] is an Output"],
    ["a promise", Promise.resolve(["a.example"]), "dnsNames is an Output or a promise"],
  ])("are refused, and the error says what to do: %s", (_what, dnsNames, words) => {
    const make = () => order(dnsNames as string[]);
    expect(make).toThrow(words);
    expect(make).toThrow(/^AcmeOrder "wild": .*pulumi\.Config.*\.apply\(\).*challenges/);
  });
});

describe("what is registered", () => {
  it("is the account's fields, its key a secret", async () => {
    const full = { ...account, thumbprint: "not asked for" };
    const made = new acme.AcmeOrder("o", {
      account: full,
      dnsNames: ["a.example"],
      challenge: "dns-01",
    });
    const { inputs } = await registrationOf(registered, made, "o");
    expect(Object.keys(clear(inputs["account"]) as object).sort()).toEqual(
      Object.keys(account).sort(),
    );
    expect(secretValue(inputs["account"])).toBeDefined();
  });

  it("of a certificate with an order is what it needs of the order, by fields", async () => {
    const made = order(["a.example"]);
    const certificate = new acme.AcmeCertificate("c", { account, order: made });
    const { inputs } = await registrationOf(registered, certificate, "c");
    expect(inputs["order"]).toMatchObject({
      orderUrl: "https://ca.test/order/1",
      dnsNames: ["a.example"],
      challenge: "dns-01",
    });
    expect(inputs["order"]).not.toHaveProperty("challenges");
  });
});
