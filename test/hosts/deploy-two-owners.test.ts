/** Two stacks, or two resources, that deploy to one path: each of them hears of the other. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import type { Target } from "../../sdk/hosts";
import { deploymentHandler } from "../../sdk/provider/deployment";
import type { Properties } from "../../sdk/provider/engine/handler";
import { createAuthority } from "../support/ca/certificate-authority";
import { resourceRun } from "../support/engine/handler-run";
import { describeWithTools } from "../support/process/tools";
import { places } from "../support/ssh/deploy-host";
import { type Sshd, startSshd } from "../support/ssh/sshd";

const urnIn = (stack: string, name = "web"): string =>
  `urn:pulumi:${stack}::shop::pulumi-nodejs:dynamic/acme:CertificateDeployment::${name}`;

let sshd: Sshd;
let directory: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(async () => {
  const { folder, remove: removeFolder } = await places();
  directory = join(folder, "ssl");
  remove = removeFolder;
});
afterEach(() => remove());

const TARGETS: readonly [string, () => Target][] = [
  ["this machine", () => "local"],
  ["a host by ssh2", () => sshd.connection],
  ["a host by openssh", () => ({ ...sshd.connection, transport: "openssh" })],
];

for (const [where, target] of TARGETS)
  describeWithTools(["sshd", "ssh-keygen", "ssh", "ssh-agent"], `on ${where}`, () => {
    const argumentsOf = (certificate: unknown, urn: string): Properties => ({
      certificate,
      directory,
      verify: false,
      connection: target(),
      __urn: urn,
    });
    const served = (): Promise<string> => readFile(join(directory, "fullchain.pem"), "utf8");

    it("the second of two stacks is told whose files it takes over, and the first who has them", async () => {
      const [one, two] = [await issued(), await issued()];
      const [first, second] = [resourceRun(deploymentHandler), resourceRun(deploymentHandler)];
      await first.up(argumentsOf(one, urnIn("prod")));
      expect(first.warnings()).toEqual([]);

      await second.up(argumentsOf(two, urnIn("staging")));
      const [warning = "", ...more] = second.warnings();
      expect(more).toEqual([]);
      expect(warning).toContain(
        `${directory}/fullchain.pem and ${directory}/privkey.pem of ${urnIn("prod")}`,
      );
      expect(warning).toContain("takes over");

      await first.refresh();
      expect(driftOf(first.state)).toContain(
        `${directory}/fullchain.pem was deployed by ${urnIn("staging")}, too`,
      );
      expect(await first.up(argumentsOf(one, urnIn("prod")))).toBe("updated");
      expect(first.warnings().join("\n")).toContain(urnIn("staging"));
      expect(await served()).toBe(one.fullchainPem);

      // Who has nothing there any more removes nothing.
      await second.destroy();
      expect(second.warnings().join("\n")).toContain(
        `not this resource's any more, but of ${urnIn("prod")}`,
      );
      expect(await served()).toBe(one.fullchainPem);
      await first.refresh();
      expect(driftOf(first.state)).toEqual([]);
    });

    it("two resources of one stack with the same certificate hear of each other as well", async () => {
      const certificate = await issued();
      const [first, second] = [resourceRun(deploymentHandler), resourceRun(deploymentHandler)];
      await first.up(argumentsOf(certificate, urnIn("prod", "a")));
      await second.up(argumentsOf(certificate, urnIn("prod", "b")));
      expect(second.warnings().join("\n")).toContain(urnIn("prod", "a"));
      await first.refresh();
      expect(driftOf(first.state)).toContain(
        `${directory}/privkey.pem was deployed by ${urnIn("prod", "b")}, too`,
      );
    });

    it("a replacement of the same resource is not told of itself", async () => {
      const certificate = await issued();
      const [former, replacement] = [
        resourceRun(deploymentHandler),
        resourceRun(deploymentHandler),
      ];
      await former.up(argumentsOf(certificate, urnIn("prod")));
      await replacement.up(argumentsOf(certificate, urnIn("prod")));
      await former.destroy();
      expect([...former.warnings(), ...replacement.warnings()]).toEqual([]);
      expect(await served()).toBe(certificate.fullchainPem);
    });
  });

function driftOf(state: Properties): unknown {
  return (state["__state"] as { drift?: unknown }).drift ?? [];
}

async function issued(): Promise<{ fullchainPem: string; privateKeyPem: string }> {
  const authority = await createAuthority();
  const { certificatePem, privateKeyPem } = await authority.issue(["a.example"]);
  return { fullchainPem: certificatePem, privateKeyPem };
}
