/** What one command of the CLI did to our resources, and what it said of them. */
import type { PulumiResult } from "./pulumi-cli";

/** The error on a resource's row. */
export function errorOf(result: PulumiResult, name: string): string {
  const found = result.diagnostics.filter(
    ({ severity, urn }) => severity === "error" && urn.endsWith(`::${name}`),
  );
  return found.map(({ message }) => message).join("\n");
}

/** What `result` did to each of our resources, the stack itself left out. */
export function deeds(result: PulumiResult): Record<string, string> {
  const own = result.steps.filter(({ type }) => type.includes(":dynamic/acme:"));
  return Object.fromEntries(own.map(({ name, op, failed }) => [name, failed ? "failed" : op]));
}

/** All resources are tried, whatever becomes of the others. */
export const EACH = { skipPreview: true, expectFailure: true, args: ["--continue-on-error"] };
