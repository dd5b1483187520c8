/** The resources in what `pulumi stack export` prints, without anything secret. Pure. */
import { asObject, isRecord, objects, parseJson, strings } from "../../util/json";

/** A resource of the stack. Values that are secret, or encrypted, are absent. */
export interface ExportedResource {
  readonly urn: string;
  /** `pulumi-nodejs:dynamic/acme:AcmeCertificate`. */
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** URNs that an input depends on. */
  readonly dependenciesOf: (input: string) => readonly string[];
}

/** It cannot be told how the certificates are. The message says why, and what to do. */
export class StatusError extends Error {
  override readonly name = "StatusError";
}

/** Every secret in a state is an object with this member. */
const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * @param source - where the text is from, for messages
 * @returns none for a stack without resources, and none that wait to be deleted
 * @throws {@link StatusError} where the text is no export
 */
export function readExport(text: string, source: string): ExportedResource[] {
  const parsed = parseJson(text);
  if (parsed === undefined) {
    const hint = "it must be what `pulumi stack export` prints";
    throw new StatusError(`${source} is ${text.trim() === "" ? "empty" : "not JSON"}: ${hint}`);
  }
  const deployment = deploymentIn(asObject(parsed) ?? {});
  if (deployment === undefined) {
    throw new StatusError(
      `${source} is not a Pulumi stack's export: it has no "deployment". \`pulumi stack export\` prints one`,
    );
  }
  return objects(deployment, "resources")
    .filter((resource) => resource["delete"] !== true)
    .map(resourceIn);
}

/** A file of the local backend holds the same as a checkpoint. */
function deploymentIn(parsed: Record<string, unknown>): Record<string, unknown> | undefined {
  return asObject(parsed["deployment"]) ?? asObject(asObject(parsed["checkpoint"])?.["latest"]);
}

function resourceIn(resource: Record<string, unknown>): ExportedResource {
  const dependencies = asObject(resource["propertyDependencies"]) ?? {};
  return {
    urn: textOf(resource["urn"]),
    type: textOf(resource["type"]),
    inputs: asObject(withoutSecrets(resource["inputs"])) ?? {},
    outputs: asObject(withoutSecrets(resource["outputs"])) ?? {},
    dependenciesOf: (input) => strings(dependencies, input),
  };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isRecord(value)) return value;
  if (SECRET_SIGNATURE in value) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutSecrets(item)]),
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
