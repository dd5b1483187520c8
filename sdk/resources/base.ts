/**
 * How a class registers itself with Pulumi: the one place that knows the dynamic-provider wire contract.
 *
 * `pulumi.dynamic.Resource` sends the same things, but serialises code into `__provider`. Here that is a constant text.
 */
import * as pulumi from "@pulumi/pulumi";

import { markSecrets } from "./secret-arguments";

/** What `pulumi-acme/provider` exports. */
export type HandlerName = "account" | "order" | "certificate" | "deployment" | "nginxSite";

/** A property for each output of the class `R`: only what was declared at registration is ever resolved. */
export type Declared<R extends pulumi.CustomResource> = {
  readonly [K in OutputNames<R>]: undefined;
};

type OutputNames<R> = {
  [K in keyof R]: R[K] extends pulumi.Output<unknown> ? K : never;
}[Exclude<keyof R, keyof pulumi.CustomResource>];

export interface ResourceKind<R extends pulumi.CustomResource> {
  readonly className: string;
  readonly handler: HandlerName;
  readonly outputs: Declared<R>;
  /** Names of outputs that are secret although no argument of that name is. */
  readonly secretOutputs: readonly string[];
}

/** Frozen: this text is stored in users' states, and evaluated to find the handler of a resource. */
export function loaderText(handler: HandlerName): string {
  return `exports.handler = () => require("pulumi-acme/provider").${handler};\n`;
}

/** What a class passes to the constructor of `pulumi.CustomResource`. */
export function registration<R extends pulumi.CustomResource>(
  kind: ResourceKind<R>,
  name: string,
  args: object,
  options: pulumi.CustomResourceOptions | undefined,
): ConstructorParameters<typeof pulumi.CustomResource> {
  const type = `pulumi-nodejs:dynamic/acme:${kind.className}`;
  const properties = {
    ...kind.outputs,
    ...(markSecrets(args) as pulumi.Inputs),
    __provider: loaderText(kind.handler),
    // The handler's words appear on the row of this resource.
    __urn: urnOf(type, name, options?.parent),
  };
  const secrets = { additionalSecretOutputs: [...kind.secretOutputs, "__arguments"] };
  return [type, name, properties, pulumi.mergeOptions(options, secrets)];
}

/*
 * As a promise, not as an Output: an Output would carry the parent as a dependency, and a resource that depends on
 * the component around it waits for all of the component's children, itself among them.
 */
function urnOf(type: string, name: string, parent: pulumi.Resource | undefined): Promise<string> {
  return new Promise((resolve) => {
    pulumi.createUrn(name, type, parent).apply(resolve);
  });
}

/**
 * Stops stack traces until the result is called, within one constructor: Pulumi notes one for each property of a
 * resource, and formats them through source maps. With a hundred certificates that takes a second of every `up`, and
 * serves only the hunt for leaking promises, which switches it on again.
 */
export function muteStackTraces(): () => void {
  if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) return () => undefined;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  return () => {
    Error.stackTraceLimit = limit;
  };
}
