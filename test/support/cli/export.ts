/** Exports of stacks: the one that the real engine wrote for the released version, and variations of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Resource {
  type: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

const released = readFileSync(join(__dirname, "../../fixtures/states/0.2.0.json"), "utf8");

/** One certificate with a deployment, one of an order, and the others of the fixture. */
export function exportText(change: (resources: Resource[]) => void = () => undefined): string {
  const resources = JSON.parse(released) as Resource[];
  change(resources);
  const complete = resources.map((resource) => ({ ...resource, urn: resource.inputs["__urn"] }));
  return JSON.stringify({ version: 3, deployment: { resources: complete } });
}

/** The certificate that is deployed. */
export const certificateOf = (resources: Resource[]): Resource =>
  find(resources, "AcmeCertificate::one");

export const deploymentOf = (resources: Resource[]): Resource =>
  find(resources, "CertificateDeployment::one");

/** When the fixture's certificates were issued, and when they end. */
export const issuedAt = Date.parse(
  certificateOf(JSON.parse(released) as Resource[]).outputs["notBefore"] as string,
);
export const endsAt = Date.parse(
  certificateOf(JSON.parse(released) as Resource[]).outputs["notAfter"] as string,
);

function find(resources: Resource[], ending: string): Resource {
  const found = resources.find(({ inputs }) => String(inputs["__urn"]).endsWith(`:${ending}`));
  if (found === undefined) throw new Error(`the fixture has no ${ending}`);
  return found;
}
