import { describe, expect, it } from "vitest";

import { pageOf } from "../../../sdk/cli/status/page";
import { metricsOf } from "../../../sdk/cli/status/prometheus";
import { lookAtServices } from "../../../sdk/cli/status/served";
import { readExport } from "../../../sdk/cli/status/stack-export";
import { type CertificateStatus, exitCodeOf, worstOf } from "../../../sdk/cli/status/state";
import { describeStatus } from "../../../sdk/cli/status/table";
import {
  certificateOf,
  deploymentOf,
  endsAt,
  exportText,
  issuedAt,
} from "../../support/cli/export";
import { statusesOf } from "../../support/cli/statuses";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The status of the certificate that is deployed. */
function statusOfOne(...args: Parameters<typeof statusesOf>): CertificateStatus {
  const found = statusesOf(...args).find(({ name }) => name === "one");
  if (found === undefined) throw new Error("there is no certificate");
  return found;
}

describe("what an export tells of a certificate", () => {
  it("is its names, issuer, times, next renewal, and where it is deployed", () => {
    const one = statusOfOne(exportText());
    expect(one).toMatchObject({
      stack: "dev",
      name: "one",
      dnsNames: ["ordered.example", "www.one.example"],
      ipAddresses: [],
      daysLeft: 88,
      state: "ok",
      renewalReason: "the CA's window",
      reasons: [],
    });
    expect(one.issuer).toMatch(/^Pebble Intermediate CA/);
    expect(one.deployments).toEqual([
      expect.objectContaining({
        host: "127.0.0.1",
        current: true,
        fingerprintSha256: one.fingerprintSha256,
      }),
    ]);
  });

  it("has nothing of what is secret, and does without a secret name", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47…", ciphertext: "v1:c2VjcmV0" };
    const text = exportText((resources) => {
      certificateOf(resources).outputs["dnsNames"] = secret;
      certificateOf(resources).inputs["dnsNames"] = secret;
      deploymentOf(resources).inputs["connection"] = secret;
    });
    const one = statusOfOne(text);
    expect(one.dnsNames).toEqual([]);
    expect(one.deployments[0]?.host).toBe("(secret)");
    expect(JSON.stringify(one)).not.toContain("c2VjcmV0");
    expect(describeStatus([one], terminal())).toContain("(secret)");
  });

  it("comes from a file of the local backend, too, and leaves out what waits to be deleted", () => {
    const { deployment } = JSON.parse(exportText()) as { deployment: { resources: object[] } };
    const checkpoint = { version: 3, checkpoint: { stack: "dev", latest: deployment } };
    expect(statusesOf(JSON.stringify(checkpoint))).toHaveLength(2);
    const resources = deployment.resources.map((resource) => ({ ...resource, delete: true }));
    expect(statusesOf(JSON.stringify({ deployment: { resources } }))).toEqual([]);
  });

  it.each([
    ["", "the export is empty"],
    ["no JSON", "the export is not JSON"],
    ["[]", "not a Pulumi stack's export"],
    ['{"version":4,"terraform_version":"1.9","resources":[]}', "not a Pulumi stack's export"],
  ])("is refused where it is not one: %j", (text, message) => {
    expect(() => statusesOf(text)).toThrow(message);
  });

  it("is refused where a newer version of the package wrote it", () => {
    const text = exportText((resources) => {
      certificateOf(resources).outputs["stateVersion"] = 2;
    });
    expect(() => statusesOf(text)).toThrow(
      /AcmeCertificate::one was written by a newer pulumi-acme \(state version 2\): update this one/,
    );
  });

  it("is empty for a stack without resources", () => {
    expect(statusesOf('{"version":3,"deployment":{"manifest":{}}}')).toEqual([]);
  });

  it("does not end at a certificate that cannot be read", () => {
    const one = statusOfOne(
      exportText((resources) => {
        certificateOf(resources).outputs["fullchainPem"] = "damaged";
      }),
    );
    expect(one).toMatchObject({
      state: "warning",
      daysLeft: 88,
      reasons: ["what the stack holds as its certificate cannot be read, or is secret"],
    });
    expect(one.issuer).toBeUndefined();
  });
});

describe("the state of a certificate", () => {
  it.each([
    ["ok", 80 * DAY],
    ["warning", 13 * DAY],
    ["critical", 6 * DAY],
    ["expired", -HOUR],
  ])("is %s", (state, left) => {
    const text = exportText((resources) => {
      delete certificateOf(resources).outputs["renewAt"];
    });
    expect(statusOfOne(text, { now: endsAt - left })).toMatchObject({
      state,
      daysLeft: Math.floor(left / DAY),
    });
  });

  it("follows the limits that are given", () => {
    const limits = { warn: 85 * DAY, critical: 80 * DAY };
    expect(statusOfOne(exportText(), { limits, now: endsAt - 84 * DAY }).state).toBe("warning");
    expect(statusOfOne(exportText(), { limits, now: endsAt - 79 * DAY }).state).toBe("critical");
  });

  it("counts in shares of the lifetime where that is short: six days are not always critical", () => {
    const text = exportText((resources) => {
      const { outputs } = certificateOf(resources);
      outputs["notAfter"] = new Date(issuedAt + 6 * DAY).toISOString();
      outputs["renewAt"] = new Date(issuedAt + 3 * DAY).toISOString();
    });
    expect(statusOfOne(text, { now: issuedAt + DAY }).state).toBe("ok");
    expect(statusOfOne(text, { now: issuedAt + 5.2 * DAY }).state).toBe("warning");
    expect(statusOfOne(text, { now: issuedAt + 5.6 * DAY }).state).toBe("critical");
  });

  it("is due when its renewal is, and a warning when that was not tried for two days", () => {
    const { renewAt } = statusOfOne(exportText());
    const due = Date.parse(renewAt ?? "");
    expect(statusOfOne(exportText(), { now: due + HOUR }).state).toBe("due");
    const late = statusOfOne(exportText(), { now: due + 2 * DAY + HOUR });
    expect(late.state).toBe("warning");
    expect(late.reasons.join()).toContain("does `pulumi up` run on a schedule?");
  });

  it("is a warning after a renewal that failed, and says why", () => {
    const one = statusOfOne(
      exportText((resources) => {
        certificateOf(resources).outputs["lastFailure"] = {
          at: "2026-11-27T09:00:00Z",
          message: "the CA is closed",
          nextAttemptAt: "2026-11-27T10:00:00Z",
        };
      }),
    );
    expect(one.state).toBe("warning");
    expect(one.reasons).toEqual([
      "the last renewal failed at 2026-11-27T09:00:00Z; next attempt 2026-11-27T10:00:00Z: the CA is closed",
    ]);
  });

  it("is critical while there is no certificate", () => {
    const one = statusOfOne(
      exportText((resources) => {
        const { __provider } = certificateOf(resources).outputs;
        certificateOf(resources).outputs = { __provider };
      }),
    );
    expect(one).toMatchObject({ state: "critical", reasons: ["there is no certificate yet"] });
    expect(one.dnsNames).toEqual(["ordered.example", "www.one.example"]);
  });

  it("is a warning where a host has another certificate", () => {
    const text = exportText((resources) => {
      const deployment = deploymentOf(resources);
      deployment.outputs["fingerprintSha256"] = "00".repeat(32);
      Object.assign(deployment, {
        propertyDependencies: { certificate: [certificateOf(resources).inputs["__urn"]] },
      });
    });
    expect(statusOfOne(text)).toMatchObject({
      state: "warning",
      deployments: [{ current: false }],
      reasons: ["127.0.0.1 has another certificate: `pulumi up` deploys this one"],
    });
  });

  it("is a warning where the service was asked and serves another one, or nothing", () => {
    const address = "web:443";
    const other = { address, fingerprintSha256: "00".repeat(32) };
    expect(statusOfOne(exportText(), { served: other }).reasons).toEqual([
      "web:443 serves another certificate than the one that lies on the host: reload the service",
    ]);
    const nothing = { address, problem: "connection refused" };
    expect(statusOfOne(exportText(), { served: nothing })).toMatchObject({
      state: "warning",
      reasons: ["web:443: connection refused"],
    });
    const { fingerprintSha256 } = statusOfOne(exportText());
    expect(statusOfOne(exportText(), { served: { address, fingerprintSha256 } }).state).toBe("ok");
  });

  it("orders the certificates, and gives the exit code", () => {
    const states = statusesOf(
      exportText((resources) => {
        certificateOf(resources).outputs["notAfter"] = new Date(issuedAt).toISOString();
      }),
    );
    expect(states.map(({ state }) => state)).toEqual(["expired", "ok"]);
    expect(worstOf(states.map(({ state }) => state))).toBe("expired");
    expect(
      ["ok", "due", "warning", "critical", "expired"].map((s) => exitCodeOf(s as "ok")),
    ).toEqual([0, 0, 1, 2, 2]);
  });
});

function terminal(columns = Number.POSITIVE_INFINITY) {
  return { columns, now: issuedAt + DAY, colour: (_: string, text: string) => text };
}

describe("the status at a terminal", () => {
  it("is a table", () => {
    const [heading, ...lines] = describeStatus(statusesOf(exportText()), terminal()).split("\n");
    expect(heading).toMatch(/^STATE +CERTIFICATE +NAMES +LEFT +RENEWAL +DEPLOYED ON$/);
    expect(lines[0]).toMatch(
      /^ok +one +ordered\.example, www\.one\.example +89 days +in \d\d days, the CA's window +127\.0\.0\.1$/,
    );
  });

  it("is a list where the terminal is too narrow", () => {
    const text = describeStatus(statusesOf(exportText()), terminal(40));
    expect(text).toContain("ok  one\n  names: ordered.example, www.one.example\n  left: 89 days\n");
  });

  it("shows no character that a terminal obeys", () => {
    const text = exportText((resources) => {
      certificateOf(resources).outputs["lastFailure"] = {
        at: "2026-11-27T09:00:00Z",
        message: "\u001b[2J\u202egone",
      };
    });
    expect(describeStatus(statusesOf(text), terminal()).replaceAll("\n", "")).not.toMatch(
      /[\p{Cc}\p{Cf}]/u,
    );
  });
});

describe("the status as metrics", () => {
  it("has one line for each known fact, with escaped labels", () => {
    const statuses = statusesOf(exportText()).map((status) => ({ ...status, name: 'a"b\\c\n' }));
    const text = metricsOf(statuses, issuedAt + DAY);
    expect(text).toContain('name="a\\"b\\\\c\\n"');
    expect(text).toMatch(
      /^# HELP pulumi_acme_certificate_not_after_timestamp_seconds .+\n# TYPE pulumi_acme_certificate_not_after_timestamp_seconds gauge\n/,
    );
    expect(text).toContain(`} ${String(endsAt / 1000)}\n`);
    expect(text).not.toContain("last_failure");
    for (const line of text.trimEnd().split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\]|\\.)*",?)*\})? -?[\d.]+)$/);
    }
  });
});

describe("the status as a page", () => {
  it("escapes what comes from others, and loads nothing", () => {
    const page = pageOf(
      statusesOf(
        exportText((resources) => {
          certificateOf(resources).outputs["lastFailure"] = {
            at: "2026-11-27T09:00:00Z",
            message: '<script>alert("x")</script>',
          };
        }),
      ),
      issuedAt + DAY,
    );
    expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
    expect(page).not.toMatch(/(src|href)=/);
    expect(page.match(/<script>/g)).toHaveLength(1);
  });

  it("of a thousand certificates is smaller than 2 MB", () => {
    const many = exportText((resources) => {
      const one = certificateOf(resources);
      const copies = Array.from({ length: 1000 }, (_, index) => ({
        ...one,
        inputs: { ...one.inputs, __urn: `${String(one.inputs["__urn"])}-${String(index)}` },
      }));
      resources.splice(0, resources.length, ...copies);
    });
    const statuses = statusesOf(many);
    expect(statuses).toHaveLength(1000);
    expect(Buffer.byteLength(pageOf(statuses, issuedAt + DAY))).toBeLessThan(2_000_000);
  });
});

describe("what services serve", () => {
  it("is looked for at all deployments but those whose inputs do not show where", async () => {
    const [deployment] = readExport(exportText(), "the export").filter(({ type }) =>
      type.endsWith("CertificateDeployment"),
    );
    if (deployment === undefined) throw new Error("the fixture has no deployment");
    const connection = { user: "root" };
    const verify = { address: "127.0.0.1:1" };
    const like = (urn: string, inputs: object) => ({
      ...deployment,
      urn,
      inputs: { ...deployment.inputs, ...inputs },
    });
    const seen = await lookAtServices([
      like("secret host", { connection }),
      like("later preset", { service: "of a later version" }),
      like("known", { verify }),
    ]);
    expect([...seen.keys()]).toEqual(["known"]);
    expect(seen.get("known")).toMatchObject({ address: "127.0.0.1:1" });
  });
});
