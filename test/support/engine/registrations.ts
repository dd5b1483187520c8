/** What the classes register, seen by Pulumi's own mock of its engine. */
import * as pulumi from "@pulumi/pulumi";

export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/**
 * From here on resources are registered with a mock, which answers with `outputs` besides the inputs.
 *
 * @param isPreview - outputs that it does not give are then not known, instead of `undefined`
 */
export async function mockEngine(
  outputs: (args: Registered) => Record<string, unknown> = () => ({}),
  isPreview = false,
): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      call: (args) => args.inputs as Record<string, unknown>,
      newResource: (args) => {
        const seen: Registered = {
          type: args.type,
          name: args.name,
          inputs: args.inputs as Record<string, unknown>,
        };
        registered.push(seen);
        return { id: `${args.name}-id`, state: { ...seen.inputs, ...outputs(seen) } };
      },
    },
    "project",
    "stack",
    isPreview,
  );
  return registered;
}

/** The value of an Output once it is known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<unknown> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** The registration of the resource `name`, once it has arrived. */
export async function registrationOf(
  registered: readonly Registered[],
  resource: pulumi.CustomResource,
  name: string,
): Promise<Registered> {
  await valueOf(resource.urn);
  const found = registered.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`${name} was not registered`);
  return found;
}

/** `value` without the secret wrapper, if it has one. */
export function clear(value: unknown): unknown {
  return secretValue(value) ?? value;
}

/**
 * What stands in the engine's secret wrapper; `undefined` for a value in clear. The mock engine moves a wrapper from a
 * nested value up to the input that holds it.
 */
export function secretValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const record = value as Record<string, unknown>;
  return record[SIGNATURE] === SECRET_SIGNATURE ? record["value"] : undefined;
}
