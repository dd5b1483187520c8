import { describe, expect, it } from "vitest";

import { decideDeployment } from "../../../../sdk/provider/deployment/decide";
import { type DeploymentArguments, RULES } from "../../../../sdk/provider/deployment/arguments";
import type { DeploymentState } from "../../../../sdk/provider/deployment/state";
import { storedArguments } from "../../../../sdk/provider/engine/rules";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const connection = { host: "web-1.example", user: "root", password: "p", hostKey: "k" };
const args: DeploymentArguments = {
  certificate: { fullchainPem: "chain 1", privateKeyPem: "key 1" },
  connection,
  service: "nginx",
  directory: "/etc/ssl/web-1",
  paths: {
    fullchain: "/etc/ssl/web-1/fullchain.pem",
    privateKey: "/etc/ssl/web-1/privkey.pem",
  },
};
const kept = storedArguments(RULES, args) as DeploymentArguments;
const state: DeploymentState = {
  __arguments: kept,
  __state: { ownerId: "r" },
  deployedAt: "2026-01-01T00:00:00Z",
};

function decide(changes: object, old: DeploymentState = state): string {
  const decision = decideDeployment(old, { ...args, ...changes });
  if (decision.action === "none") return "none";
  const force = decision.action === "apply" && decision.force ? " by force" : "";
  return `${decision.action}${force}: ${decision.reason}`;
}

describe("what is to be done with a deployment", () => {
  it.each<[string, object, string]>([
    ["nothing changed", {}, "none"],
    [
      "another certificate is an update in place",
      { certificate: { fullchainPem: "chain 2", privateKeyPem: "key 2" } },
      "apply: deploys: the certificate changed",
    ],
    [
      "one that is not known yet may be another",
      { certificate: { fullchainPem: UNKNOWN, privateKeyPem: UNKNOWN } },
      "apply: deploys: the certificate changed",
    ],
    [
      "what the full chain says already is no change",
      { certificate: { ...args.certificate, issuerPem: "i", certificatePem: "c" } },
      "none",
    ],
    [
      "a trigger reloads also where nothing else is to do",
      { triggers: ["x"] },
      "apply by force: deploys: triggers changed",
    ],
    [
      "several changes are all named",
      { reload: "true", verify: false },
      "apply: deploys: reload changed and verify changed",
    ],
    [
      "another host replaces",
      { connection: { ...connection, host: "web-2.example" } },
      "replace: deploys anew: connection changed; the old files go last",
    ],
    [
      "this machine instead of a host replaces",
      { connection: "local" },
      "replace: deploys anew: connection changed; the old files go last",
    ],
    [
      "another directory replaces",
      { directory: "/etc/ssl/other" },
      "replace: deploys anew: directory changed; the old files go last",
    ],
    [
      "other paths replace",
      { files: [{ path: "/x/a.pem", content: "fullchain" }] },
      "replace: deploys anew: files changed; the old files go last",
    ],
    [
      "a file with the same path and another mode does not",
      {
        files: [
          { path: "fullchain.pem", content: "fullchain" },
          { path: "privkey.pem", content: "privateKey", mode: "0640" },
        ],
      },
      "apply: deploys: files changed",
    ],
    [
      "a certificate that has no key any more replaces: the old key must go",
      { certificate: { fullchainPem: "chain 2" } },
      "replace: deploys anew: certificate changed; the old files go last",
    ],
    [
      "credentials are only the way",
      { connection: { ...connection, user: "deploy", password: "new" } },
      "settings: takes over connection; the host is not asked",
    ],
    [
      "at another port may be another machine: the host is looked at",
      { connection: { ...connection, port: 2222 } },
      "apply: deploys: another machine may have the host's place",
    ],
    [
      "the same host in another spelling is the same",
      { connection: { ...connection, host: "WEB-1.example." } },
      "settings: takes over connection; the host is not asked",
    ],
    [
      "a password that is not known yet is no change",
      { connection: { ...connection, password: UNKNOWN } },
      "none",
    ],
    [
      "a host that is not known yet may be another",
      { connection: { ...connection, host: UNKNOWN } },
      "apply: deploys: the host is not known yet",
    ],
    ["a directory that is not known yet replaces nothing", { directory: UNKNOWN }, "none"],
  ])("%s", (_what, changes, expected) => {
    expect(decide(changes)).toBe(expected);
  });

  it("names the argument whose change replaces", () => {
    const moved = { ...args, directory: "/other", connection: "local" as const };
    expect(decideDeployment(state, moved)).toMatchObject({ replaces: ["connection", "directory"] });
  });

  it("repairs by force what a refresh found", () => {
    const drifted = {
      ...state,
      __state: { ownerId: "r", drift: ["/a was changed", "/b is missing"] },
    };
    expect(decide({}, drifted)).toBe("apply by force: repairs: /a was changed and /b is missing");
  });

  it("goes on with an attempt of which it is not known what became", () => {
    const uncertain = { __arguments: kept, __state: { ownerId: "r" } };
    expect(decide({}, uncertain)).toMatch(/^apply: deploys: what became/);
  });
});
