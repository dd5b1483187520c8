/**
 * How a class registers itself with Pulumi: the one place that knows the dynamic-provider wire contract.
 *
 * `pulumi.dynamic.Resource` sends the same things, but serialises code into `__provider`. Here that is a constant text.
 */
import * as pulumi from "@pulumi/pulumi";

import { requireFindableHandlers } from "./find-provider";
import { markSecrets } from "./secret-arguments";

/** What `pulumi-acme/provider` exports. */
export type HandlerName =
  | "account"
  | "order"
  | "certificate"
  | "deployment"
  | "nginxSite"
  | "serviceConfig"
  | "acmeDnsRegistration";

/**
 * A property for each output of the class `R`: only what was declared at registration is ever resolved.
 * `Computed` are outputs that the class derives from others.
 */
export type Declared<
  R extends pulumi.CustomResource,
  Computed extends keyof R = keyof pulumi.CustomResource,
> = {
  readonly [K in Exclude<OutputNames<R>, Computed>]: undefined;
};

type OutputNames<R> = {
  [K in keyof R]: R[K] extends pulumi.Output<unknown> ? K : never;
}[Exclude<keyof R, keyof pulumi.CustomResource>];

export interface ResourceKind {
  readonly className: string;
  readonly handler: HandlerName;
  /** See {@link Declared}. */
  readonly outputs: Readonly<Record<string, undefined>>;
  /** Names of documented outputs that are secret. */
  readonly secretOutputs: readonly string[];
}

/** Frozen: this text is stored in users' states, and evaluated to find the handler of a resource. */
export function loaderText(handler: HandlerName): string {
  return `exports.handler = () => require("pulumi-acme/provider").${handler};\n`;
}

/** Secret in the state of every resource: what is kept of the arguments, and what only this package reads. */
const PRIVATE_OUTPUTS = ["__arguments", "__state"];

/** What a class passes to the constructor of `pulumi.CustomResource`. */
export function registration(
  kind: ResourceKind,
  name: string,
  args: object,
  options: pulumi.CustomResourceOptions | undefined,
): ConstructorParameters<typeof pulumi.CustomResource> {
  requireFindableHandlers();
  const type = `pulumi-nodejs:dynamic/acme:${kind.className}`;
  const properties = {
    ...kind.outputs,
    ...(markSecrets(args) as pulumi.Inputs),
    __provider: loaderText(kind.handler),
    // The handler's words appear on the row of this resource.
    __urn: urnOf(type, name, options?.parent),
  };
  const secrets = { additionalSecretOutputs: [...kind.secretOutputs, ...PRIVATE_OUTPUTS] };
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

/** V8's own interface to stack traces. @see https://v8.dev/docs/stack-trace-api */
const v8: {
  stackTraceLimit: number;
  prepareStackTrace?: ((error: Error, sites: NodeJS.CallSite[]) => unknown) | undefined;
} = Error;

/** From the constructor of `AcmeCertificate` inwards: `callsites`, `stackTrace`, `Resource`, `CustomResource`, it. */
const FRAMES_OF_PULUMI = 5;

/**
 * Shortens stack traces until the result is called, within one constructor.
 *
 * Pulumi notes a trace for each property of a resource, and formats it through source maps: with a hundred certificates
 * a second of every `up`, for nothing but the hunt for leaking promises (`PULUMI_DEBUG_PROMISE_LEAKS`). And it stores
 * the whole trace of each resource in the state; there the line of the program remains, its first frame. For that trace
 * Pulumi lifts `stackTraceLimit` itself, so V8 is asked by `Error.prepareStackTrace`.
 */
export function shortenStackTraces(): () => void {
  if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) return () => undefined;
  const { stackTraceLimit, prepareStackTrace } = v8;
  v8.stackTraceLimit = 0;
  v8.prepareStackTrace = (error, sites) => {
    const shown = sites.slice(0, FRAMES_OF_PULUMI + 1);
    // A program in TypeScript has a hook here that knows the lines of its sources.
    if (prepareStackTrace !== undefined) return prepareStackTrace(error, shown);
    return [error, ...shown].map(String).join("\n    at ");
  };
  return () => {
    v8.stackTraceLimit = stackTraceLimit;
    v8.prepareStackTrace = prepareStackTrace;
  };
}
